/**
 * The callbacks of one workflow, where a node of it hands some out: the secret that signs them, and the function behind
 * the url that they are answered at. Both are this workflow's own, so that nobody's key opens another's.
 */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  type Code,
  type FunctionUrl,
  FunctionUrlAuthType,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { callbackFunctionName } from "../contract/names.ts";
import type { Graph } from "../model/graph.ts";
import { CALLBACK_ENTRY } from "../project/lambda-entries.ts";
import { acceptFinding } from "./accepted.ts";
import { AlarmSink, PERIOD } from "./alarm-sink.ts";
import { tableArn } from "./arns.ts";
import { environmentOf } from "./function-environment.ts";
import type { Settings } from "./function-settings.ts";
import { allow, keysThrough, leadingKeys, readSecret } from "./permissions.ts";
import type { Platform } from "./platform.ts";

export interface CallbackFunctionProps {
  readonly platform: Platform;
  readonly graph: Graph;
  readonly code: Code;
  readonly controlQueue: IQueue;
  readonly settings: Settings;
}

/** Somebody waits for the page. */
const TIMEOUT = Duration.seconds(20);
/** Of letters and digits: 381 bits, where HMAC-SHA256 uses 256. */
const SECRET_LENGTH = 64;

export class CallbackFunction extends Construct {
  readonly function: LambdaFunction;
  readonly secret: Secret;
  readonly url: FunctionUrl;
  readonly concurrency: number;

  constructor(scope: Construct, id: string, props: CallbackFunctionProps) {
    super(scope, id);
    const { platform, graph, settings } = props;
    const name = callbackFunctionName(platform.name, graph.workflow);
    this.concurrency = settings.concurrency;
    this.secret = this.#secret(props);
    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${name}`,
      retention: settings.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new LambdaFunction(this, "Function", {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      architecture: settings.architecture,
      memorySize: settings.memorySize,
      timeout: TIMEOUT,
      // Anybody may call it: so many at once, and the account's other functions are left alone.
      reservedConcurrentExecutions: settings.concurrency,
      code: props.code,
      handler: `${CALLBACK_ENTRY}.handler`,
      role: this.#role(props, logGroup.logGroupArn),
      logGroup,
      recursiveLoop: RecursiveLoop.ALLOW, // as every function that a chain of messages may come by again
      environment: { ...settings.environment, ...environmentOf({ ...props, callbackSecret: this.secret.secretArn }) },
    });
    // Who may answer is for the token to say: people and other systems have no identity in this account.
    this.url = this.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    new AlarmSink(platform).add(this, "Failing", {
      metric: this.function.metric("Url5xxCount", { period: PERIOD, statistic: "Sum" }),
      description: `Answers to '${graph.workflow}' cannot be taken: the reasons are in the function's log`,
      above: 0,
    });
  }

  /** For a function that hands callbacks out: where they are answered, and which secret signs them. */
  get forHandingOut(): { readonly callbackUrl: string; readonly callbackSecret: string } {
    return { callbackUrl: this.url.url, callbackSecret: this.secret.secretArn };
  }

  #secret({ platform, graph }: CallbackFunctionProps): Secret {
    const secret = new Secret(this, "Key", {
      description: `Signs callbacks of the workflow '${graph.workflow}' on the platform '${platform.name}'`,
      generateSecretString: { passwordLength: SECRET_LENGTH, excludePunctuation: true },
      ...(platform.encryptionKey && { encryptionKey: platform.encryptionKey }),
      removalPolicy: platform.removalPolicy,
    });
    acceptFinding(
      secret,
      "AwsSolutions-SMG4",
      "a rotation in the midst of a callback's life may void it: it is made when its owner wants it, by one call",
    );
    return secret;
  }

  /** What an answer takes, and nothing of what the workflow works on. */
  #role({ platform, graph, controlQueue }: CallbackFunctionProps, logGroupArn: string): Role {
    const own = `${graph.workflow}/*`;
    const statements = [
      allow(["dynamodb:GetItem"], [tableArn(platform)], leadingKeys(own, "~graph/*")),
      allow(["dynamodb:PutItem"], [tableArn(platform)], leadingKeys(own)),
      allow(["sqs:SendMessage"], [controlQueue.queueArn]),
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], [logGroupArn]),
      ...readSecret(platform, this.secret),
      ...keysThrough(platform, ["dynamodb"]),
    ];
    return new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Callbacks: new PolicyDocument({ statements }) },
    });
  }
}
