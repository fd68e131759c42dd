import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isPawlError, type PawlError } from "../../lib/errors.ts";
import { ChildHandlers } from "../../lib/local/handler-process.ts";
import type { HandlerOutcome } from "../../lib/ports/handlers.ts";
import { pruneBundles } from "../../lib/project/bundle.ts";
import { loadPrograms, loadProject, type Project } from "../../lib/project/load-project.ts";
import { chainOf, handlerOf, tempFolder, tempProject, writeFiles } from "../local/temp-folder.ts";

// Processes and builds: quick when the machine has nothing else to do.
vi.setConfig({ testTimeout: 40_000 });

const ok = "return input;";

async function problemsOf(root: string): Promise<{ code: string; message: string; problems: readonly string[] }> {
  const error: unknown = await loadProject({ root }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isPawlError(error)) throw error ?? new Error("it was loaded");
  const { code, message, detail } = error;
  return { code, message, problems: (detail.problems as PawlError[]).map((problem) => problem.code) };
}

async function runIn({ workflows }: Project, node: string): Promise<HandlerOutcome> {
  const handlers = new ChildHandlers({ onLog: () => {} });
  onTestFinished(() => handlers.stop());
  await handlers.replace(Object.fromEntries(workflows.map((w) => [w.program.graph.workflow, w.handlersEntry])));
  const step = { execution: "work/1", path: node, attempt: 1, epoch: 0 };
  const call = { workflow: "work", node, input: { n: 1 }, step, timeoutMs: 5_000, outputBytes: 1000 };
  return await handlers.run(
    call,
    async () => {},
    async () => "go on",
  );
}

describe("a project", () => {
  it("is refused where a workflow calls one that is not there", async () => {
    const calling = `import { contract, workflow } from "pawl";
import { z } from "zod";
export const work = workflow("work", { input: z.string() }).call(contract("bill", { input: z.string(), output: z.string() }), {
  input: (s) => s.input,
});`;
    const files = { "functions/work/workflow.ts": calling };
    const { code, message } = await problemsOf(tempProject(files));
    expect(code).toBe("unknown_workflow");
    expect(message).toMatch(/'work' calls 'bill', which is not there; known: work/);
    const bill = `import { workflow } from "pawl";
import { z } from "zod";
export const bill = workflow("bill", { input: z.string() });`;
    const whole = await loadProject({ root: tempProject({ ...files, "functions/bill/workflow.ts": bill }) });
    expect(whole.workflows).toHaveLength(2);
  });

  it("is loaded with the handlers of its nodes, and with what they import: helpers, JSON, another's handler", async () => {
    const root = tempProject({
      ...chainOf("other", { shared: "return { n: input.n * 100 };" }),
      ...chainOf("work", { addOne: ok, shared: ok, fails: ok }),
      "functions/work/table.json": '{ "one": 1 }',
      "functions/work/helper.ts": "export const twice = (n: number): number => n * 2;",
      "functions/work/unused.ts": "const = ;", // nobody imports it, so nobody minds
      "functions/work/add-one.ts": `import { twice } from "./helper.ts";
import table from "./table.json" with { type: "json" };
${handlerOf("addOne", "return { n: twice(input.n) + table.one };")}`,
      "functions/work/shared.ts": 'export { handler } from "../other/shared.ts";',
      "functions/work/fails.ts": handlerOf("fails", "// the line below this one is line 5\n  throw new Error('no');"),
      "functions/work/work.test.ts": "export const handler = 1;",
      "functions/work/types.d.ts": "export const handler: 1;",
      "functions/readme/README.md": "no workflow here",
    });
    const project = await loadProject({ root });
    expect(project.workflows.map((w) => [w.program.graph.workflow, w.folder])).toEqual([
      ["other", join(root, "functions/other")],
      ["work", join(root, "functions/work")],
    ]);
    expect(await runIn(project, "addOne")).toEqual({ kind: "output", output: { n: 3 } });
    expect(await runIn(project, "shared")).toEqual({ kind: "output", output: { n: 100 } });
    expect(await runIn(project, "fails")).toMatchObject({
      code: "handler_failed",
      message: expect.stringMatching(/^Error: no \(at .*functions\/work\/fails\.ts:5:9\)/),
    });
  });

  it("has the same hash for the same code, and another one for another handler", async () => {
    const root = tempProject(chainOf("work", { one: ok }));
    const hash = async () => (await loadProject({ root })).workflows[0]?.hash;
    const first = await hash();
    expect(await hash()).toBe(first);
    writeFiles(root, { "functions/work/one.ts": handlerOf("one", "return { n: 2 };") });
    const second = await hash();
    expect(second).not.toBe(first);
    // The workflow itself did not change, and is not loaded anew.
    expect(second?.split("-")[0]).toBe(first?.split("-")[0]);
  });

  it("tells where a slot throws, in the user's file", async () => {
    const root = tempProject(chainOf("work", { one: ok }));
    writeFiles(root, {
      "functions/work/workflow.ts": `import { workflow } from "pawl";
import { N, one } from "./contracts.ts";
export const work = workflow("work", { input: N })
  .task(one, { input: () => { throw new Error("slot"); } });`,
    });
    const { programs } = await loadPrograms({ root });
    const slot = programs[0]?.program.slots["one.input"];
    const thrown = () => {
      try {
        return slot?.({});
      } catch (error) {
        return (error as Error).stack;
      }
    };
    expect(thrown()).toMatch(/functions\/work\/workflow\.ts:4:\d+/);
  });
});

describe("the problems of a project", () => {
  it("name the missing and the surplus handlers of all folders together", async () => {
    const { "functions/work/pack-line.ts": _, ...work } = chainOf("work", { packLine: ok, ship: ok });
    const { "functions/more/late.ts": __, ...more } = chainOf("more", { late: ok });
    const found = await problemsOf(
      tempProject({
        ...work,
        ...more,
        "functions/work/packLine.ts": handlerOf("packLine", ok), // not in kebab-case
        "functions/work/refund.ts": "export const handler = 1;",
      }),
    );
    expect(found).toMatchObject({ code: "handlers_mismatch", problems: ["handlers_mismatch", "handlers_mismatch"] });
    expect(found.message).toContain("the project has 2 problems");
    expect(found.message).toContain(
      "missing: functions/work/pack-line.ts; no node of this workflow: functions/work/packLine.ts, functions/work/refund.ts",
    );
    expect(found.message).toContain("missing: functions/more/late.ts");
  });

  it("name file and line of what does not build, and what is wrong elsewhere too", async () => {
    const { "functions/good/two.ts": _, ...good } = chainOf("good", { one: ok, two: ok });
    const found = await problemsOf(
      tempProject({
        ...chainOf("work", { one: ok }),
        ...good,
        ...chainOf("third", { one: "return input" }),
        "functions/work/workflow.ts": "export const work = workflow(;\n",
        "functions/third/one.ts": 'import { gone } from "./gone.ts";\nexport const handler = gone;\n',
      }),
    );
    expect(found.problems).toEqual(["build_failed", "handlers_mismatch", "build_failed"]);
    expect(found.message).toMatch(/Unexpected ";"\s+functions\/work\/workflow\.ts:1:29:/);
    expect(found.message).toMatch(/Could not resolve "\.\/gone\.ts"\s+functions\/third\/one\.ts:1:21/);
    expect(found.message).toContain("missing: functions/good/two.ts");
  });

  it.each([
    ["no workflow", "export const x = 1;", /work\/workflow\.ts exports no workflow: export exactly one/],
    [
      "two workflows",
      'import { workflow } from "pawl"; import { N } from "./contracts.ts"; export const a = workflow("a", { input: N }); export const b = workflow("b", { input: N });',
      /exports 2 workflows: export exactly one/,
    ],
    [
      "an exception",
      "\nthrow new Error('no table');",
      /workflow\.ts cannot be loaded: no table \(at .*work\/workflow\.ts:2:7\)/,
    ],
    [
      "a workflow with mistakes",
      'import { workflow } from "pawl"; import { N, one } from "./contracts.ts"; export default workflow("work", { input: N }).task(one).task(one as never);',
      /workflow\.ts: workflow 'work' has a mistake:\n.*'one' is taken/,
    ],
  ])("name a workflow.ts that has %s", async (_, text, message) => {
    const root = tempProject({ ...chainOf("work", { one: ok }), "functions/work/workflow.ts": text });
    expect(await problemsOf(root)).toMatchObject({ code: "invalid_workflow", message });
  });

  it("name a node's file that exports no handler, and two workflows of one name", async () => {
    const twin = Object.entries(chainOf("work", { one: ok }));
    const root = tempProject({
      ...Object.fromEntries(twin.map(([file, text]) => [file.replace("/work/", "/twin/"), text])),
      ...chainOf("work", { one: ok }),
      "functions/twin/one.ts": "export const handle = 1;",
    });
    const found = await problemsOf(root);
    expect(found.problems).toEqual(["invalid_workflow", "invalid_handler"]);
    expect(found.message).toContain("two folders have a workflow named 'work': twin and work");
    expect(found.message).toContain(
      "functions/twin/one.ts exports no handler: write export const handler = implement(one, …)",
    );
  });

  it("say that there is no workflow, and what to do", async () => {
    const root = tempProject({});
    await expect(loadProject({ root })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/no workflow in .*pawl init/),
    });
  });
});

it("bundles that nobody uses any more go; the newest, those of the last hour and those in use stay", async () => {
  const names = [1, 2, 3, 4, 5, 6, 7, 8].map(String);
  const builds = tempFolder(Object.fromEntries(names.map((name) => [`${name}/a.mjs`, ""])));
  const hoursAgo = (n: number) => new Date(Date.now() - n * 60 * 60_000);
  for (const name of names) utimesSync(join(builds, name), hoursAgo(Number(name)), hoursAgo(Number(name)));
  await pruneBundles(builds, [join(builds, "7")]);
  expect(readdirSync(builds).sort()).toEqual(["1", "2", "3", "4", "5", "7"]);
  for (const name of ["1", "2", "3", "4", "5"]) utimesSync(join(builds, name), hoursAgo(0), hoursAgo(0));
  await pruneBundles(builds, []);
  expect(readdirSync(builds).sort()).toEqual(["1", "2", "3", "4", "5"]);
  await pruneBundles(join(builds, "none"), []);
});
