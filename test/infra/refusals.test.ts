/** What is wrong is told before anything is deployed: all of it at once, by code and place. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { order } from "../../functions/order/workflow.ts";
import { problemsOf } from "../../lib/cdk/check-workflow.ts";
import { WorkflowFunctions } from "../../lib/cdk/index.ts";
import { isPawlError } from "../../lib/errors.ts";
import { node, workflow } from "../../lib/index.ts";
import type { Graph } from "../../lib/model/graph.ts";
import type { Program } from "../../lib/model/program.ts";
import { chainOf, tempProject, writeFiles } from "../local/temp-folder.ts";
import { Deployment, newApp, type Settings } from "./deployment.ts";

const N = z.object({ n: z.number() });
const one = node("one", { input: N, output: N });
const packLine = node("packLine", { input: N, output: N });
const work = workflow("work", { input: N }).task(one).task(packLine);
const whole = { one: "return input;", packLine: "return input;" };

function refusal(build: () => unknown): { code: string; message: string; problems: readonly string[] } {
  try {
    build();
  } catch (error) {
    if (!isPawlError(error)) throw error;
    const { problems = [] } = error.detail as { problems?: { code: string }[] };
    return { code: error.code, message: error.message, problems: problems.map(({ code }) => code) };
  }
  throw new Error("it was taken");
}
const deploy = (folder: string, of: { readonly program: Program } = work, settings: Settings = {}) => {
  const { stack, platform } = new Deployment();
  return new WorkflowFunctions(stack, "Work", {
    platform,
    workflow: of,
    code: join(folder, "functions/work"),
    ...settings,
  });
};

describe("a workflow is refused", () => {
  it("with all that is wrong with its handlers and settings at once", () => {
    const folder = tempProject(chainOf("work", { one: whole.one }));
    writeFiles(folder, {
      "functions/work/one.ts": "export const handle = 1;",
      "functions/work/packline.ts": "export const handler = 1;",
    });
    const { code, message, problems } = refusal(() =>
      deploy(folder, work, { nodes: { packline: { memorySize: 1024 } }, control: { concurrency: 1 } }),
    );
    expect(code).toBe("invalid_handler");
    expect(problems).toEqual(["invalid_handler", "handlers_mismatch", "usage", "usage"]);
    expect(message).toMatch(/one\.ts exports no handler/);
    expect(message).toMatch(/missing: .*pack-line\.ts; no node of this workflow: .*packline\.ts/);
    expect(message).toMatch(/workflow 'work' has no node 'packline' to set: one, packLine/);
    expect(message).toMatch(/the concurrency of control is a whole number from 2 to 1000, not 1/);
  });

  it("when there is no workflow.ts where its code is said to be", () => {
    const { code, message } = refusal(() => deploy(tempProject({ "functions/other/workflow.ts": "" })));
    expect(code).toBe("usage");
    expect(message).toMatch(/there is no .*functions\/work\/workflow\.ts: `code` is the folder of workflow 'work'/);
  });

  it("when its code does not build, with file and line", () => {
    const folder = tempProject({ ...chainOf("work", whole), "functions/work/one.ts": "export const handler = ;" });
    const { stack, platform } = new Deployment({}, newApp({ "aws:cdk:bundling-stacks": ["**"] }));
    const { code, message } = refusal(
      () => new WorkflowFunctions(stack, "Work", { platform, workflow: work, code: join(folder, "functions/work") }),
    );
    expect(code).toBe("build_failed");
    expect(message).toMatch(/functions\/work\/one\.ts:1:23/);
  });

  it("when the platform has it already", () => {
    const deployment = new Deployment();
    deployment.order();
    const { stack, platform } = deployment;
    const again = () => new WorkflowFunctions(stack, "Again", { platform, workflow: order, code: "functions/order" });
    expect(refusal(again)).toMatchObject({
      code: "usage",
      message: expect.stringMatching(/has the workflow 'order' twice: deploy it once/),
    });
  });

  it("with the builder's own mistakes", () => {
    const folder = tempProject(chainOf("work", whole));
    const wrong = workflow("work", { input: N }).task(node("One", { input: N, output: N }));
    expect(refusal(() => deploy(folder, wrong)).code).toBe("invalid_workflow");
  });
});

describe("a graph is refused", () => {
  const { graph } = work.program;
  const told = (of: Graph) => problemsOf(of).map(({ message }) => message);

  it("never, when nothing is wrong with it", () => {
    expect(told(graph)).toEqual([]);
    expect(told(order.program.graph)).toEqual([]);
  });

  it("when a node takes longer than a Lambda has for it: 885 seconds", () => {
    const taking = (timeoutMs: number): Graph => ({
      ...graph,
      nodes: { ...graph.nodes, one: { ...graph.nodes.one!, timeoutMs } },
    });
    expect(told(taking(885_000))).toEqual([]);
    expect(told(taking(885_001))).toEqual([
      "workflow 'work' cannot be deployed: the node 'one' may take 885.001 s, and a Lambda has 885 s: split it",
    ]);
  });

  it("when more than 100 inline steps may run in one go", () => {
    const note = node("note", { input: N, output: N, inline: true, repeatable: true });
    const after = (steps: number): Graph =>
      Array.from({ length: steps }, (_, i) => note.as(`note${i}`)).reduce(
        (built, step) => built.task(step) as never,
        workflow("work", { input: N }).task(one),
      ).program.graph;
    expect(told(after(100))).toEqual([]);
    expect(told(after(101))).toEqual([
      "workflow 'work' cannot be deployed: the function of 'one' may run 101 inline steps in one go, and 100 is the most: queue one",
      "workflow 'work' cannot be deployed: the function of 'note' may run 101 inline steps in one go, and 100 is the most: queue one",
    ]);
  });

  it("when it has a state of a kind that this version does not know", () => {
    const rest = { kind: "rest", next: null } as never; // of a graph that a later version has made
    expect(told({ ...graph, root: { start: "pause", states: { pause: rest } } })).toEqual([
      "workflow 'work' cannot be deployed: a state of kind 'rest' at pause cannot be run yet",
    ]);
  });
});
