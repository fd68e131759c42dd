import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { serve } from "../../lib/cli/serve.ts";
import { type Client, client } from "../../lib/client/index.ts";
import { openProject } from "../../lib/local/open-project.ts";
import { until } from "../local/temp-folder.ts";
import { greetProject, pawlInside } from "./run-cli.ts";

const COMMANDS = ["pause", "resume", "cancel", "redrive"] as const;

/** Two steps, of which the first waits as long as its input says, and fails for Mallory. */
const twoSteps = (): string =>
  greetProject({
    "functions/greet/workflow.ts": `import { workflow } from "pawl";
import { arrived, Guest, sayHello } from "./contracts.ts";
export const greet = workflow("greet", { input: Guest, on: arrived })
  .task(sayHello)
  .task(sayHello.as("again"), { input: (s) => ({ name: s.sayHello.text.slice(6) }) });
`,
  });

const quiet = { onLog: () => {}, onError: () => {} };

/** An engine that holds the project's data folder, as `pawl dev` does. */
async function runningIn(root: string): Promise<Client> {
  const folder = join(root, ".pawl");
  const served = await serve(await openProject({ root, folder, ...quiet }), { folder, port: 0 });
  onTestFinished(() => served.close());
  return client({ url: served.url });
}

describe("pawl pause, resume, cancel and redrive, beside a running engine", () => {
  let root: string;
  let engine: Client;
  const here = async (...args: string[]) => {
    const ran = await pawlInside([...args, "--data", join(root, ".pawl")]);
    return { ...ran, stdout: ran.stdout.replaceAll(` --data ${join(root, ".pawl")}`, "") };
  };
  const begun = async (id: string, forMs: number) => {
    await engine.start("greet", { id, input: { name: "Ada", forMs } });
    await until(async () => (await statuses(id).catch(() => []))[0] === "running");
  };
  const statuses = async (id: string) => (await engine.show("greet", id)).steps.map((step) => step.status);

  it("hold an execution back, let it go on, end it, and go on with it", async () => {
    root = twoSteps();
    engine = await runningIn(root);
    await begun("1", 500);
    expect(await here("pause", "greet/1")).toMatchObject({
      code: 0,
      stdout: "greet/1 paused\nresume it with `pawl resume greet/1`\n",
      stderr: "",
    });
    await until(async () => (await statuses("1")).at(-1) === "paused");
    const shown = await here("show", "greet/1");
    expect(shown.stdout).toMatch(/^greet\/1 paused\n/);
    expect(shown.stdout).toMatch(/ next +resume it with `pawl resume greet\/1`/);
    expect(shown.stdout).toMatch(/^again +task +paused/m);
    expect((await here("list", "--status", "paused")).stdout).toMatch(/^greet\/1 +paused/m);
    const resumed = await here("resume", "greet/1", "--wait", "--json");
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ status: "succeeded", output: { text: "Hello Ada" } });

    await begun("2", 500);
    const stopping = await here("cancel", "greet/2", "--reason", "ordered twice", "--json");
    expect(JSON.parse(stopping.stdout)).toStrictEqual({
      ...{ execution: "greet/2", status: "stopping", epoch: 0, carriedOut: true },
    });
    const ended = await here("cancel", "greet/2", "--wait");
    expect(ended).toMatchObject({ code: 0, stdout: "greet/2 cancelled\ncancelled: ordered twice\n" });
    expect((await here("list", "--status", "cancelled")).stdout).toMatch(/^greet\/2 +cancelled .* cancelled$/m);
    expect(await here("pause", "greet/2", "--json")).toMatchObject({
      code: 2,
      error: { code: "invalid_status", detail: { execution: "greet/2", status: "cancelled" } },
    });
    const redriven = await here("redrive", "greet/2", "--json");
    expect(JSON.parse(redriven.stdout)).toMatchObject({ execution: "greet/2", epoch: 1, carriedOut: true });
    await engine.result("greet", "2");

    const from = (name: string) => ["redrive", "greet/2", "--from", "again", "--input", `{"name":"${name}"}`, "--wait"];
    expect(await here(...from("Grace"))).toMatchObject({ code: 0, stdout: expect.stringContaining("Hello Grace") });
    expect((await here("show", "greet/2")).stdout).toMatch(/ epoch +2: so often it was redriven/);
    expect(await here(...from("Mallory"))).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^greet\/2 failed\nRefused at again/),
    });
  });
});

describe("pawl fork", () => {
  it("begins a new execution from a step on, and show tells where it came from", async () => {
    const root = twoSteps();
    const engine = await runningIn(root);
    const here = async (...args: string[]) => {
      const ran = await pawlInside([...args, "--data", join(root, ".pawl")]);
      return { ...ran, stdout: ran.stdout.replaceAll(` --data ${join(root, ".pawl")}`, "") };
    };
    await engine.start("greet", { id: "1", input: { name: "Ada" } });
    await engine.result("greet", "1");
    const asked = ["fork", "greet/1", "--from", "again", "--input", '{"name":"Grace"}', "--id", "2"];
    expect(await here(...asked, "--wait")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^greet\/2 succeeded\n[\s\S]*Hello Grace/),
    });
    const shown = (await here("show", "greet/2")).stdout;
    expect(shown).toMatch(/ forked +from greet\/1 at again\n/);
    expect(shown).toMatch(/ epoch +1: a fork's first\n/);
    expect(JSON.parse((await here(...asked, "--json")).stdout)).toStrictEqual({
      ...{ execution: "greet/2", status: "succeeded", epoch: 1, carriedOut: true },
    });
    const random = await here("fork", "greet/1", "--from", "sayHello");
    expect(random).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^greet\/[0-9a-f-]{36} (running|succeeded)/),
    });
    expect(await here("redrive", "greet/2", "--from", "again", "--wait")).toMatchObject({ code: 0 });
    expect((await here("show", "greet/2")).stdout).toMatch(/ epoch +2: redriven 1 times since the fork\n/);
    expect(await here("fork", "greet/1", "--from", "again", "--id", "1", "--json")).toMatchObject({
      code: 2,
      error: { code: "invalid_fork", detail: { execution: "greet/1", from: "again", id: "1" } },
    });
  });
});

describe("a control of all executions that match, beside a running engine", () => {
  let root: string;
  let engine: Client;
  const here = (...args: string[]) => pawlInside([...args, "--data", join(root, ".pawl")]);

  it("shows which they are, asks each of them, and tells which refused", async () => {
    root = twoSteps();
    engine = await runningIn(root);
    for (const id of ["m1", "m2", "m3"]) await engine.start("greet", { id, input: { name: "Mallory" } });
    await engine.start("greet", { id: "ada", input: { name: "Ada" } });
    for (const id of ["m1", "m2", "m3", "ada"]) await engine.result("greet", id);

    const shown = await here("redrive", "--workflow", "greet", "--since", "1h", "--dry-run");
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout.match(/^greet\/m\d +failed/gm)).toHaveLength(3);
    expect(shown.stdout).toMatch(/\n3 executions\n$/);
    expect(await here("redrive", "--all", "--until", "1h", "--dry-run")).toMatchObject({
      stdout: "no executions match\n",
    });
    expect((await engine.show("greet", "m1")).epoch).toBe(0);

    expect(await here("redrive", "--status", "failed")).toMatchObject({
      code: 0,
      stdout: "redrive: carried out for 3 of 3 executions\n",
    });
    for (const id of ["m1", "m2", "m3"]) {
      await engine.result("greet", id);
      expect(await engine.show("greet", id)).toMatchObject({ epoch: 1, status: "failed" });
    }
    expect((await engine.show("greet", "ada")).epoch).toBe(0);

    const ran = await here("redrive", "--workflow", "greet", "--from", "again");
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^redrive: carried out for 0 of 3 executions\n/);
    expect(ran.stdout.match(/^greet\/m\d +invalid_redrive +greet/gm)).toHaveLength(3);
    const json = await here("pause", "--status", "succeeded", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      executions: [{ execution: "greet/ada", status: "succeeded" }],
      carriedOut: 0,
      failed: [{ execution: "greet/ada", error: { code: "invalid_status" } }],
    });

    const ids = Array.from({ length: 21 }, (_, i) => `x${i}`);
    await Promise.all(ids.map((id) => engine.start("greet", { id, input: { name: "Mallory" } })));
    for (const id of ids) await engine.result("greet", id);
    const refused = await here("redrive", "--workflow", "greet");
    expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("that is 24 executions") });
    expect((await engine.show("greet", "x0")).epoch).toBe(0);
    expect(await here("redrive", "--workflow", "greet", "--yes")).toMatchObject({ code: 0 });
    expect((await engine.show("greet", "x0")).epoch).toBe(1);
  });
});

describe("pawl redrive and heal, without a running engine", () => {
  it("run one until the execution has ended", async () => {
    const root = twoSteps();
    const here = (...args: string[]) => pawlInside([...args, "--root", root, "--wait", "--json"]);
    expect(await here("start", "greet", "--id", "m", "--input", '{"name":"Mallory"}')).toMatchObject({ code: 1 });
    const again = await here("redrive", "greet/m", "--from", "sayHello", "--input", '{"name":"Ada"}');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ output: { text: "Hello Ada" } });
  });

  it("go on with executions whose messages were all lost", async () => {
    const root = twoSteps();
    const folder = join(root, ".pawl");
    const here = (...args: string[]) => pawlInside([...args, "--root", root]);
    const open = await openProject({ root, folder, ...quiet });
    const ids = ["1", "2", "3"];
    for (const id of ids) await open.engine.start("greet", { id, input: { name: "Ada", forMs: 1_500 } });
    const running = async () => (await open.engine.list({ limit: 9 })).length;
    await until(async () => (await running()) === ids.length);
    await Promise.all([open.handlers.stop(), open.close()]); // under three attempts
    const database = new DatabaseSync(join(folder, "pawl.db"));
    expect(Number(database.prepare("DELETE FROM message").run().changes)).toBeGreaterThanOrEqual(3);
    database.close();

    expect(await here("heal", "greet/1", "--wait")).toMatchObject({ code: 0 });
    const engine = await runningIn(root);
    expect(await engine.list({ status: "succeeded" })).toMatchObject({ executions: [{ execution: "greet/1" }] });
    expect(await here("heal", "--all")).toMatchObject({ code: 0, stdout: "heal: carried out for 2 of 2 executions\n" });
    for (const id of ids)
      expect(await engine.result("greet", id, { timeout: "40 seconds" })).toMatchObject({ status: "succeeded" });
    expect(await here("heal", "--workflow", "greet")).toMatchObject({ code: 0, stdout: "no executions match\n" });
  });

  it.each([...COMMANDS, "heal"] as const)("as %s: say without --wait that nothing is running", async (command) => {
    const ran = await pawlInside([command, "greet/1", "--root", greetProject()]);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(/^error engine_not_running: .*`pawl dev`/);
    expect(ran.stderr.includes("--wait")).toBe(command !== "pause");
  });
});

describe("pawl pause, resume, cancel, redrive and heal", () => {
  it.each([
    ...[...COMMANDS, "heal"].map(
      (command) => [`${command} of no execution`, [command, "1042"], "WORKFLOW/ID"] as const,
    ),
    ["an input for no step", ["redrive", "a/1", "--input", "{}"], "--from"],
    ["an input that is no JSON", ["redrive", "a/1", "--from", "x", "--input", "{a}"], "is not JSON"],
    ["a fork from nowhere", ["fork", "a/1"], "--from"],
    ["a fork of no execution", ["fork", "1042", "--from", "x"], "WORKFLOW/ID"],
    ["a fork with an input that is no JSON", ["fork", "a/1", "--from", "x", "--input", "{a}"], "is not JSON"],
    ["a pause that waits", ["pause", "a/1", "--wait"], "--wait"],
    ["a timeout without a wait", ["resume", "a/1", "--timeout", "1s"], "--timeout is for --wait"],
    ["a heal of nothing", ["heal"], "say what to heal"],
    ["a heal of two things", ["heal", "a/1", "--all"], "say what to heal"],
    ["a cancel of nothing", ["cancel", "--yes"], "say what to cancel"],
    ["a dry run of one", ["cancel", "a/1", "--dry-run"], "--dry-run is for more than one"],
    ["a time that is none", ["cancel", "--since", "yesterday"], "--since"],
    ["a heal of all that waits", ["heal", "--all", "--wait"], "--wait is for one execution"],
  ] as const)("refuse %s", async (_, args, text) => {
    const ran = await pawlInside([...args, "--root", greetProject()]);
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
  });

  it.each([...COMMANDS, "heal"])("show by examples how %s is meant", async (command) => {
    const ran = await pawlInside([command, "--help"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(new RegExp(`Examples:\\n +\\$ pawl ${command} order/1042`));
  });
});
