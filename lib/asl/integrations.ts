/** What a Task's `Resource` names. AWS's guide, "Integrating services with Step Functions". */

/** Services with actions of their own, and how each action can be waited for besides not at all. */
const OPTIMISED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  apigateway: { invoke: "token" },
  athena: { startQueryExecution: "sync", stopQueryExecution: "", getQueryExecution: "", getQueryResults: "" },
  batch: { submitJob: "sync" },
  bedrock: { invokeModel: "", createModelCustomizationJob: "sync" },
  codebuild: {
    startBuild: "sync",
    stopBuild: "",
    batchDeleteBuilds: "",
    batchGetReports: "",
    startBuildBatch: "sync",
    stopBuildBatch: "",
    retryBuildBatch: "sync",
    deleteBuildBatch: "",
  },
  databrew: { startJobRun: "sync" },
  dynamodb: { getItem: "", putItem: "", deleteItem: "", updateItem: "" },
  ecs: { runTask: "sync token" },
  eks: {
    call: "",
    runJob: "sync",
    createCluster: "sync",
    deleteCluster: "sync",
    createNodegroup: "sync",
    deleteNodegroup: "sync",
    createFargateProfile: "sync",
    deleteFargateProfile: "sync",
  },
  elasticmapreduce: {
    createCluster: "sync",
    setClusterTerminationProtection: "",
    terminateCluster: "sync",
    addStep: "sync",
    cancelStep: "",
    modifyInstanceFleetByName: "",
    modifyInstanceGroupByName: "",
  },
  "emr-containers": { createVirtualCluster: "", deleteVirtualCluster: "sync", startJobRun: "sync" },
  "emr-serverless": {
    createApplication: "sync",
    startApplication: "sync",
    stopApplication: "sync",
    deleteApplication: "sync",
    startJobRun: "sync",
    cancelJobRun: "sync",
  },
  events: { putEvents: "token" },
  glue: { startJobRun: "sync" },
  http: { invoke: "" },
  lambda: { invoke: "token" },
  mediaconvert: { createJob: "sync" },
  sagemaker: {
    createEndpoint: "",
    createEndpointConfig: "",
    createHyperParameterTuningJob: "sync",
    createLabelingJob: "sync",
    createModel: "",
    createProcessingJob: "sync",
    createTrainingJob: "sync",
    createTransformJob: "sync",
    updateEndpoint: "",
  },
  sns: { publish: "token" },
  sqs: { sendMessage: "token" },
  states: { startExecution: "sync sync:2 token" },
};

export type Resource =
  | { readonly kind: "function"; readonly functionName: string }
  | { readonly kind: "activity" }
  | { readonly kind: "integration"; readonly service: string; readonly action: string; readonly pattern: Pattern };

/** How AWS waits for it: not, for its end, or for a token. */
export type Pattern = "" | "sync" | "sync:2" | "waitForTaskToken";

const FUNCTION = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:([A-Za-z0-9_-]+)(?::[A-Za-z0-9_$-]+)?$/;
const ACTIVITY = /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:activity:\S+$/;
const SDK = /^arn:aws[a-z-]*:states:::aws-sdk:([a-z0-9]+):([a-z][A-Za-z0-9]*)(?:\.(waitForTaskToken))?$/;
const INTEGRATION = /^arn:aws[a-z-]*:states:::([a-z-]+):([A-Za-z]+)(?:\.(sync:2|sync|waitForTaskToken))?$/;

/** `undefined`: AWS knows no such resource. */
export function parseResource(arn: string): Resource | undefined {
  const [, functionName] = FUNCTION.exec(arn) ?? [];
  if (functionName !== undefined) return { kind: "function", functionName };
  if (ACTIVITY.test(arn)) return { kind: "activity" };
  const sdk = SDK.exec(arn);
  const [, service = "", action = "", suffix = ""] = sdk ?? INTEGRATION.exec(arn) ?? [];
  // The expressions let no other suffix through.
  const pattern = suffix as Pattern;
  if (sdk) return { kind: "integration", service: `aws-sdk:${service}`, action, pattern };
  const actions = Object.hasOwn(OPTIMISED, service) ? OPTIMISED[service] : undefined;
  const patterns = actions !== undefined && Object.hasOwn(actions, action) ? actions[action] : undefined;
  const isKnown = patterns
    ?.split(" ")
    .concat("")
    .includes(pattern === "waitForTaskToken" ? "token" : pattern);
  return isKnown ? { kind: "integration", service, action, pattern } : undefined;
}
