import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isPawlError, messageOf } from "../../lib/errors.ts";
import { type OpenProject, type OpenProjectOptions, openProject } from "../../lib/local/open-project.ts";
import { chainOf, handlerOf, tempProject, until, writeFiles } from "./temp-folder.ts";

// Processes and builds: quick when the machine has nothing else to do.
vi.setConfig({ testTimeout: 40_000 });

const quiet = { onLog: () => {}, onOutput: () => {} };
const ok = "return input;";

async function opened(root: string, options: OpenProjectOptions = {}): Promise<OpenProject> {
  const project = await openProject({ root, ...quiet, ...options });
  onTestFinished(() => project.close());
  return project;
}
let lastId = 0;
async function resultOf({ engine }: OpenProject, n = 1) {
  const id = `x${++lastId}`;
  await engine.start("work", { id, input: { n } });
  return await engine.result({ workflow: "work", id }, { timeoutMs: 10_000 });
}

describe("an open project", () => {
  it("runs its workflows through crashes and endless loops of handlers", async () => {
    const root = tempProject(
      chainOf("work", {
        addOne: "return { n: input.n + 1 };",
        fragile: "if (step.attempt === 1) process.exit(2); return input;",
        stuck: "if (step.attempt === 1 && input.n < 50) for (;;); return input;",
        fatal: "if (input.n > 50) process.exit(3); return input;",
      }),
    );
    const project = await opened(root);
    expect(await resultOf(project, 1)).toMatchObject({ status: "succeeded", output: { n: 2 } });
    expect(await resultOf(project, 99)).toMatchObject({
      status: "failed",
      error: { code: "crashed", path: "fatal", message: expect.stringMatching(/exited with code 3/) },
    });
    const { steps } = await project.engine.show({ workflow: "work", id: "x1" });
    expect(steps.map((step) => [step.path, step.attempt])).toEqual([
      ["addOne", 1],
      ["fragile", 2],
      ["stuck", 2],
      ["fatal", 1],
    ]);
  });

  it("takes in newer code while it runs, and keeps the old code when the newer has a mistake", async () => {
    const root = tempProject(chainOf("work", { one: "return { n: 1 };" }));
    const onReload = vi.fn();
    const problems: string[] = [];
    const onError = (error: unknown) => void problems.push(isPawlError(error) ? error.code : messageOf(error));
    const project = await opened(root, { watch: true, onReload, onError });
    expect(await resultOf(project)).toMatchObject({ output: { n: 1 } });

    writeFiles(root, { "functions/work/one.ts": handlerOf("one", "return { n: 2 };") });
    await until(() => onReload.mock.calls.length === 1);
    expect(await resultOf(project)).toMatchObject({ output: { n: 2 } });

    writeFiles(root, { "functions/work/one.ts": handlerOf("one", "return { n: ;") });
    await until(() => problems.length === 1);
    writeFiles(root, { "functions/work/one.ts": `throw new Error("no");\n${handlerOf("one", ok)}` });
    await until(() => problems.length === 2);
    expect(problems).toEqual(["build_failed", "invalid_handler"]);
    expect(await resultOf(project)).toMatchObject({ output: { n: 2 } });

    // One more node: the workflow and its handlers change together.
    writeFiles(root, chainOf("work", { one: "return { n: 3 };", two: "return { n: input.n * 10 };" }));
    await until(() => onReload.mock.calls.length === 2);
    expect(await resultOf(project)).toMatchObject({ output: { n: 30 } });
    expect(project.project.workflows[0]?.program.graph.nodes).toHaveProperty("two");

    // No code of the project's, or the same code: nothing to take in.
    writeFiles(root, {
      "functions/work/samples.ts": "x",
      "functions/work/samples/a.json": "1",
      "functions/work/notes.md": "",
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(onReload).toHaveBeenCalledTimes(2);
    expect(problems).toHaveLength(2);
  });

  it("lets go of the data folder when it cannot be opened, and another can have it", async () => {
    const root = tempProject(chainOf("work", { one: ok }));
    writeFiles(root, { "functions/work/one.ts": `throw new Error("no");\n${handlerOf("one", ok)}` });
    await expect(openProject({ root, ...quiet })).rejects.toMatchObject({
      code: "invalid_handler",
      message: expect.stringMatching(/Error: no \(at .*one\.ts:1/),
    });
    writeFiles(root, { "functions/work/one.ts": handlerOf("one", ok) });
    const project = await opened(root);
    await expect(openProject({ root, ...quiet })).rejects.toMatchObject({ code: "data_folder_in_use" });
    expect(await resultOf(project)).toMatchObject({ status: "succeeded" });
  });

  it("says that its data folder cannot be made", async () => {
    const root = tempProject(chainOf("work", { one: ok }));
    writeFileSync(join(root, ".pawl"), "a file");
    await expect(openProject({ root, ...quiet })).rejects.toMatchObject({ code: "data_folder_unwritable" });
  });

  it("keeps the user's tables in its file, by the keys that package.json declares", async () => {
    const body =
      'step.transact({ Put: { TableName: "ledger", Item: { charge: "c" + input.n, n: input.n } } }); return input;';
    const root = tempProject(chainOf("work", { one: body }));
    writeFiles(root, { "package.json": JSON.stringify({ pawl: { tables: { ledger: { partitionKey: "charge" } } } }) });
    const project = await openProject({ root, ...quiet });
    await resultOf(project, 1);
    await resultOf(project, 2);
    await project.close();
    const reopened = await opened(root);
    await resultOf(reopened, 2);
    expect(reopened.engine.items("ledger")).toEqual([
      { charge: "c1", n: 1 },
      { charge: "c2", n: 2 },
    ]);
  });

  it.each([
    ['{"pawl":{"tables":{"ledger":{"key":"a"}}}}', /package\.json is refused: pawl\.tables\.ledger/],
    ["{", /package\.json is not JSON/],
  ])("refuses a package.json with %s", async (text, said) => {
    const root = tempProject(chainOf("work", { one: "return input;" }));
    writeFiles(root, { "package.json": text });
    await expect(openProject({ root, ...quiet })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(said),
    });
  });
});
