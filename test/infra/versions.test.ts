/** A next version is deployed with all that executions on the committed graphs still come to, or not at all. */
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { expect, it } from "vitest";
import { z } from "zod";
import { WorkflowFunctions } from "../../lib/cdk/index.ts";
import { isPawlError, type PawlError } from "../../lib/errors.ts";
import { contract, node, signal, workflow } from "../../lib/index.ts";
import type { Program } from "../../lib/model/program.ts";
import { committedFile, writeCommitted } from "../../lib/project/committed-graphs.ts";
import { tempFolder, tempProject, writeFiles } from "../local/temp-folder.ts";
import { relay as first } from "../wire/app/first/relay/workflow.ts";
import { relay as second, unmapped } from "../wire/app/second/relay/workflow.ts";
import { Deployment, resources, templateOf } from "./deployment.ts";

type Given = { readonly program: Program };

function deployed(of: Given, code: string, earlier: readonly Given[] = []) {
  const graphs = tempFolder();
  const [newest, ...rest] = earlier.map(({ program }) => program.graph);
  if (newest) writeCommitted(committedFile(graphs, of.program.graph.workflow), { graph: newest, earlier: rest });
  const { stack, platform } = new Deployment();
  const functions = new WorkflowFunctions(stack, "Flow", { platform, workflow: of, code, graphs });
  // When it is asked for first, all that is to be set has been.
  let template: ReturnType<typeof templateOf> | undefined;
  return { functions, outer: stack, template: () => (template ??= templateOf(functions.stack)) };
}
const relay = (of: Given, earlier: readonly Given[] = []) => deployed(of, "test/wire/app/second/relay", earlier);
type Deployed = ReturnType<typeof deployed>;
const queues = ({ template }: Deployed) =>
  resources(template(), "AWS::SQS::Queue").map(({ Properties }) => Properties.QueueName as string);

/** By the queue's name: those that the function of this name may send to. */
function sends({ template }: Deployed, name: string): readonly string[] {
  const found = resources(template(), "AWS::Lambda::Function").find(
    ({ Properties }) => Properties.FunctionName === name,
  );
  const role = resources(template(), "AWS::IAM::Role").find(({ id }) => id === found?.Properties.Role["Fn::GetAtt"][0]);
  const text = JSON.stringify(role?.Properties.Policies);
  const named = resources(template(), "AWS::SQS::Queue").filter(({ id }) => text.includes(id));
  return named.map(({ Properties }) => (Properties.QueueName as string).replace(/^pawl-/, "")).sort();
}

function refusal(build: () => unknown): PawlError {
  try {
    build();
  } catch (error) {
    if (isPawlError(error)) return error;
    throw error;
  }
  throw new Error("it was taken");
}

it("a node that is removed, and one that is renamed, keep their queues and functions as long as they are committed", () => {
  const names = ["relay", "relay-charge", "relay-check", "relay-payCard", "relay-ship", "relay-weigh", "relay_dead"];
  const kept = relay(second, [first]);
  kept.functions.node("payCard").addEnvironment("LEDGER", "x");
  expect(queues(kept).sort()).toEqual(names.map((name) => `pawl-${name}`));
  // What follows on the older graph may be sent to, beside what follows on the newer one.
  expect(sends(kept, "pawl-relay-weigh")).toEqual(["relay", "relay-charge", "relay-weigh"]); // the signal may be there
  expect(sends(kept, "pawl-relay-charge")).toEqual(["relay", "relay-charge", "relay-ship"]);
  expect(sends(kept, "pawl-relay-payCard")).toEqual(["relay", "relay-payCard", "relay-ship"]);
  // Whoever may write to a table as payCard may as charge, for whom it stands in.
  const withLedger = resources(kept.template(), "AWS::Lambda::Function").filter(
    ({ Properties }) => Properties.Environment.Variables.LEDGER === "x",
  );
  expect(withLedger.map(({ Properties }) => Properties.FunctionName).sort()).toEqual([
    "pawl-relay-charge",
    "pawl-relay-payCard",
  ]);
}, 240_000); // the first one loads the CDK

it("without the mapping nothing is deployed, and what to write is said; without executions on the older graph all is", () => {
  const { code, message, detail } = refusal(() => relay(unmapped(), [first]));
  expect({ code, detail }).toMatchObject({ code: "handlers_mismatch" }); // weigh.ts serves nobody then
  expect(JSON.stringify(detail)).toContain("incompatible_version");
  expect(message).toMatch(/needs a mapping +weigh \(node removed\)/);
  expect(message).toContain("→ retired: { nodes: { charge: payCard } }");
  expect(queues(relay(second)).length).toBe(7); // as long as it is retired, it stays
});

it("several graphs that are committed all count, and the longest time of a node among them", () => {
  const N = z.object({ n: z.int() });
  const made = (timeout: "20 seconds" | "50 seconds", name: string) => {
    const work = node("work", { input: N, output: N, timeout });
    return workflow("flow", { input: N })
      .task(work)
      .task(work.as(name), { input: (s) => s.input, timeout: "70 seconds" });
  };
  const file = (text: string) => ({ "functions/flow/workflow.ts": "", "functions/flow/work.ts": text });
  const folder = tempProject(file("export const handler = 1;"));
  const of = deployed(made("20 seconds", "again"), `${folder}/functions/flow`, [made("50 seconds", "again")]);
  const work = resources(of.template(), "AWS::Lambda::Function").find(
    ({ Properties }) => Properties.FunctionName === "pawl-flow-work",
  );
  expect(work?.Properties.Timeout).toBe(70 + 15);
});

it("a change that is safe only without executions in flight is deployed with a warning", () => {
  const N = z.object({ n: z.int() });
  const M = z.object({ n: z.int(), m: z.int() });
  const folder = tempProject({ "functions/flow/workflow.ts": "" });
  const made = (input: typeof N) => workflow("flow", { input }).set("said", () => 1);
  const { outer } = deployed(made(M as never), `${folder}/functions/flow`, [made(N)]);
  Annotations.fromStack(outer).hasWarning(
    "*",
    Match.stringLikeRegexp("pawl check --target aws[\\s\\S]*safe once drained +flow \\(input changed\\)"),
  );
});

it("callbacks that were handed out are answered, and workflows may be called, as the older graph has it", () => {
  const N = z.object({ n: z.int() });
  const verdict = signal("verdict", { data: N });
  const ask = node("ask", { input: N, callbacks: [verdict] });
  const other = contract("other", { input: N });
  const older = workflow("flow", { input: N })
    .task(ask)
    .waitFor(verdict)
    .call(other, { input: (s) => s.input });
  const newer = workflow("flow", {
    input: N,
    retired: {
      nodes: { ask: node("ask", { input: N }) },
      signals: [verdict],
      calls: [other],
      slots: { "other.input": (s) => s.input },
    },
  }).set("said", () => 1);
  const folder = tempProject({ "functions/flow/workflow.ts": "" });
  writeFiles(folder, { "functions/flow/ask.ts": "export const handler = 1;" });
  const { template } = deployed(newer, `${folder}/functions/flow`, [older]);
  const functions = resources(template(), "AWS::Lambda::Function").map(({ Properties }) => Properties.FunctionName);
  expect(functions).toContain("pawl-flow_callbacks");
});
