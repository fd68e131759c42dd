/** What the examples do not do: handlers that die, and a next version. `-c version=second` deploys that one. */
import { App, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Platform, WorkflowFunctions } from "pawl/cdk";
import { relay as firstRelay } from "./first/relay/workflow.ts";
import { trouble as first } from "./first/trouble/workflow.ts";
import { relay as secondRelay } from "./second/relay/workflow.ts";
import { trouble as second } from "./second/trouble/workflow.ts";

const app = new App();
const name = String(app.node.tryGetContext("platform"));
const version = app.node.tryGetContext("version") === "second" ? "second" : "first";
const stack = new Stack(app, name);
const platform = new Platform(stack, "Platform", {
  name,
  standIn: true,
  removalPolicy: RemovalPolicy.DESTROY,
  clockMargin: Duration.seconds(1), // one machine, one clock
});
const workflow = version === "second" ? second : first;
new WorkflowFunctions(stack, "Trouble", { platform, workflow, code: `test/wire/app/${version}/trouble` });
new WorkflowFunctions(stack, "Relay", {
  platform,
  workflow: version === "second" ? secondRelay : firstRelay,
  code: `test/wire/app/${version}/relay`,
  graphs: String(app.node.tryGetContext("graphs")),
});
