/**
 * The examples on one platform: `npx cdk synth`, `npm run deploy`, `npm run deploy:local`.
 *
 *     -c platform=NAME     another one beside it in the same account and region; default `pawl`
 *     -c throwAway=true    nothing stays when the stack is destroyed
 *     -c standIn=true      without what a stand-in for AWS cannot deploy
 */
import { App, CfnOutput, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { Platform, WorkflowFunctions } from "pawl/cdk";
import { agent } from "../functions/agent/workflow.ts";
import { crm } from "../functions/crm/workflow.ts";
import { order } from "../functions/order/workflow.ts";
import { purchase } from "../functions/purchase/workflow.ts";
import { ticket } from "../functions/ticket/workflow.ts";

const app = new App();
const given = (name: string): boolean => String(app.node.tryGetContext(name)) === "true";
const name = String(app.node.tryGetContext("platform") ?? "pawl");

// Known to the CDK's CLI alone, and only with an account: names are then written out, by which what was kept is found again.
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const stack = new Stack(app, name, {
  description: "Pawl: the step log, and the example workflows",
  ...(account && region && { env: { account, region } }),
});
const platform = new Platform(stack, "Platform", {
  name,
  standIn: given("standIn"),
  ...(given("throwAway") && { removalPolicy: RemovalPolicy.DESTROY }),
});
new WorkflowFunctions(stack, "Order", { platform, workflow: order, code: "functions/order" });
new WorkflowFunctions(stack, "Crm", { platform, workflow: crm, code: "functions/crm" });
new WorkflowFunctions(stack, "Ticket", { platform, workflow: ticket, code: "functions/ticket" });
new WorkflowFunctions(stack, "Purchase", { platform, workflow: purchase, code: "functions/purchase" });
new WorkflowFunctions(stack, "Agent", { platform, workflow: agent, code: "functions/agent" });

new CfnOutput(stack, "PlatformName", { value: platform.name });
new CfnOutput(stack, "EventBus", { value: platform.bus.eventBusName });
new CfnOutput(stack, "StepLog", { value: platform.table.tableName });

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
