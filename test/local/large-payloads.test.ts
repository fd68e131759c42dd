/** Payloads of 20 MB, and what is above the limit. */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { openEngine } from "../../lib/local/index.ts";
import { openProject } from "../../lib/local/open-project.ts";
import { implement } from "../../lib/node/index.ts";
import { testWorkflow } from "../../lib/testing/index.ts";
import { beginDev, pawl } from "../cli/run-cli.ts";
import { LARGE_BYTES, largeChain, largeHandlers, largeInput, largeProblem } from "../support/large-chain.ts";
import { noise } from "../support/noise.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { chainOf, tempProject } from "./temp-folder.ts";

vi.setConfig({ testTimeout: 120_000 });

/** The chain of `chainOf`, whose values have a text as well, and whose nodes have the time that 20 MB take. */
function textProject(handlers: Readonly<Record<string, string>>): string {
  const files = chainOf("work", handlers);
  const at = "functions/work/contracts.ts";
  const contracts = files[at]
    ?.replace("n: z.number()", "n: z.number(), text: z.string()")
    .replace("0.5 seconds", "60 seconds");
  return tempProject({ ...files, [at]: contracts ?? "" });
}

describe("20 MB through a chain of five", () => {
  const input = largeInput();

  it("in memory", async () => {
    const test = await testWorkflow(largeChain, { handlers: largeHandlers });
    const { status, output } = await test.start(input);
    expect([status, largeProblem(input, output)]).toEqual(["succeeded", undefined]);
  });

  it("on the embedded engine, and they are there at its next start", async () => {
    const folder = tempFolder();
    const open = () => openEngine({ folder, workflows: [{ workflow: largeChain, handlers: largeHandlers }] });
    const name = { workflow: "large", id: "1" };
    const first = await open();
    await first.start("large", { id: "1", input });
    expect(largeProblem(input, (await first.result(name)).output)).toBeUndefined();
    await first.stop();
    expect(statSync(join(folder, "pawl.db")).size).toBeLessThan(6 * LARGE_BYTES * 0.9);
    const second = await open();
    expect(largeProblem(input, (await second.result(name)).output)).toBeUndefined();
    await second.stop();
  });

  it("with handlers in a child process", async () => {
    const turn = "return { n: input.n + 1, text: input.text.slice(1) + input.text[0] };";
    const nodes = { one: turn, two: turn, three: turn, four: turn, five: turn };
    const project = await openProject({ root: textProject(nodes), onLog: () => {} });
    onTestFinished(() => project.close());
    await project.engine.start("work", { id: "1", input: { n: 0, text: input.text } });
    const { output } = await project.engine.result({ workflow: "work", id: "1" });
    expect(output).toMatchObject({ n: 5 });
    const { text } = output as { text: string };
    expect(text === input.text.slice(5) + input.text.slice(0, 5)).toBe(true);
  });

  it("from the command line to a running engine and back", async () => {
    const root = textProject({ one: "return { n: 1, text: input.text };" });
    await beginDev(root);
    writeFileSync(join(root, "large.json"), JSON.stringify({ n: 0, text: input.text }));
    const ran = await pawl(root, ["start", "work", "--input", "@large.json", "--wait", "--json"]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const { output } = ran.json as { output: { text: string } };
    expect(output.text === input.text).toBe(true);
  });
});

describe("above the limit", () => {
  const over = noise(1024 * 1024);
  const Text = z.object({ text: z.string() });
  const error = (path: string, what: string) => ({
    status: "failed",
    error: {
      code: "payload_too_large",
      path,
      message: expect.stringMatching(`^${what} has 104\\d{4} bytes of JSON and the limit is 1048576: `),
    },
  });
  const make = node("make", { input: z.any(), output: z.string(), errors: ["Refused"] });
  async function run(flow: Parameters<typeof engineOf>[0], give: () => string) {
    const engine = await engineOf(flow, give);
    await engine.start("flow", { id: "1", input: { text: "" } });
    const result = await engine.result({ workflow: "flow", id: "1" });
    const { steps } = await engine.show({ workflow: "flow", id: "1" });
    return { result, steps: steps.map(({ path, status }) => `${path} ${status}`) };
  }
  async function engineOf(flow: { readonly program: (typeof largeChain)["program"] }, give: () => string) {
    const handlers = Object.hasOwn(flow.program.graph.nodes, "make") ? { make: implement(make, give) } : {};
    const engine = await openEngine({
      folder: tempFolder(),
      payloadLimitMiB: 1,
      workflows: [{ workflow: flow, handlers }],
    });
    onTestFinished(() => engine.stop());
    return engine;
  }

  it("an input is refused, with its size and the limit", async () => {
    const engine = await engineOf(workflow("flow", { input: Text }).task(make), () => "");
    await expect(engine.start("flow", { id: "1", input: { text: over } })).rejects.toMatchObject({
      code: "payload_too_large",
      message: expect.stringMatching(
        /^the input of 'flow' has 1048587 bytes of JSON and the limit is 1048576: store it/,
      ),
      detail: { workflow: "flow", limitBytes: 1_048_576 },
    });
    expect(await engine.list({ limit: 1 })).toEqual([]);
  });
  it("an output fails its step", async () => {
    const { result } = await run(workflow("flow", { input: Text }).task(make), () => over);
    expect(result).toMatchObject(error("make", "the output"));
  });
  it("what a state makes fails that state, before the first step and after it", async () => {
    const first = workflow("flow", { input: Text })
      .set("grown", () => over)
      .task(make);
    expect((await run(first, () => "")).result).toMatchObject(error("grown", "what 'grown' made"));
    const then = workflow("flow", { input: Text })
      .task(make)
      .set("grown", () => over);
    expect((await run(then, () => "")).result).toMatchObject(error("grown", "what 'grown' made"));
  });
  it("what a join's branches gave together fails the join", async () => {
    const branch = (name: string) => (b: { task(n: typeof make): never }) => b.task(make.as(name) as never);
    const flow = workflow("flow", { input: Text }).parallel("both", {
      a: branch("a") as never,
      b: branch("b") as never,
    });
    const { result, steps } = await run(flow as never, () => over.slice(0, 524_300));
    expect(result).toMatchObject(error("both", "the output of 'both'"));
    expect(steps).toEqual(["both/a/a succeeded", "both/b/b succeeded", "both failed"]);
  });
  it("a limit that is none is refused", async () => {
    await expect(openEngine({ folder: tempFolder(), payloadLimitMiB: 0.5 })).rejects.toMatchObject({ code: "usage" });
  });
});
