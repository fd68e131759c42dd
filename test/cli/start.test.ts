import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../local/temp-folder.ts";
import { begin, beginDev, greetProject, pawl, pawlInside } from "./run-cli.ts";

const ada = ["start", "greet", "--input", '{"name":"Ada"}'];

describe("pawl start, without a running engine", () => {
  it("runs one until the execution has ended, and gives the same answer for the same id", async () => {
    const root = greetProject();
    const first = await pawl(root, [...ada, "--id", "1", "--wait", "--json"]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.json).toStrictEqual({
      execution: "greet/1",
      status: "succeeded",
      output: { text: "Hello Ada" },
      error: null,
    });
    const other = ["start", "greet", "--input", '{"name":"Grace"}', "--id", "1", "--wait"];
    expect((await pawl(root, [...other, "--json"])).stdout).toBe(first.stdout);
    const told = await pawl(root, other);
    expect(told).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("greet/1 succeeded had been started before"),
    });
    expect(told.stdout).toContain("Hello Ada");
  });

  it("says with exit code 1 that the execution failed, and how", async () => {
    const ran = await pawl(greetProject(), [
      "start",
      "greet",
      "--id",
      "m",
      "--wait",
      "--json",
      "--input",
      '{"name":"Mallory"}',
    ]);
    expect(ran).toMatchObject({ code: 1, stderr: "" });
    expect(ran.json).toStrictEqual({
      execution: "greet/m",
      status: "failed",
      output: null,
      error: { code: "Refused", path: "sayHello", message: expect.any(String), data: { name: "Mallory" } },
    });
  });

  it("ends with exit code 3 when the timeout does, and the execution goes on at the next start", async () => {
    const root = greetProject();
    const begunMs = Date.now();
    const slow = ["start", "greet", "--id", "s", "--wait", "--json", "--input", '{"name":"Ada","forMs":29000}'];
    const ran = await pawl(root, [...slow, "--timeout", "100ms"]);
    expect(ran).toMatchObject({ code: 3, stdout: "", error: { code: "still_running" } });
    expect(Date.now() - begunMs).toBeLessThan(25_000); // it does not wait for the handler
    expect((await pawl(root, ["list", "--status", "running"])).stdout).toContain("greet/s");
  });

  it("without --wait says that nothing is running, and what to do", async () => {
    const ran = await pawl(greetProject(), ada);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(/^error engine_not_running: .*`pawl dev`.*--wait/);
  });

  it("stops its engine in good order when it is interrupted", async () => {
    const root = greetProject();
    const run = begin(root, ["start", "greet", "--id", "s", "--wait", "--input", '{"name":"Ada","forMs":29000}']);
    await run.says("waits");
    run.process.kill("SIGINT");
    expect(await run.ended).toBe(3);
    expect(run.stderr).toContain("error engine_stopped");
  });
});

describe("pawl start, given something wrong", () => {
  it.each([
    ["JSON that does not parse", ["greet", "--wait", "--input", "{name:Ada}"], "invalid_json", "position 1"],
    ["empty JSON", ["greet", "--wait", "--input", ""], "invalid_json", "it is empty"],
    ["a file that is not there", ["greet", "--wait", "--input", "@no.json"], "usage", "no.json"],
    ["an id that AWS would refuse", ["greet", "--wait", "--id", "a b"], "invalid_id", '"a b"'],
    ["a timeout without --wait", ["greet", "--timeout", "1s"], "usage", "--wait"],
    ["a timeout without a unit", ["greet", "--wait", "--timeout", "30"], "usage", "30s"],
    ["no workflow", [], "usage", "workflow"],
  ])("refuses %s", async (_, args, code, text) => {
    const ran = await pawlInside(["start", "--json", "--root", tempFolder(), ...args]);
    expect(ran).toMatchObject({ code: 2, stdout: "", error: { code, message: expect.stringContaining(text) } });
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("refuses an unknown workflow, and an input that breaks its schema", async () => {
    const root = greetProject();
    expect(await pawl(root, ["start", "greeet", "--wait", "--json"])).toMatchObject({
      ...{ code: 2, stdout: "" },
      error: { code: "unknown_workflow", message: expect.stringContaining("known: greet, note") },
    });
    const broken = await pawl(root, ["start", "greet", "--wait", "--input", '{"name":7}']);
    expect(broken).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error invalid_input: .*name/),
    });
    expect((await pawl(root, ["list"])).stdout).toBe("no executions\n");
  });
});

describe("pawl start, beside a running engine", () => {
  it("talks to it", async () => {
    const root = greetProject();
    await beginDev(root);
    writeFileSync(join(root, "ada.json"), '\uFEFF{"name":"Ada"}');
    const started = await pawl(root, ["start", "greet", "--input", "@ada.json", "--id", "1", "--json"]);
    expect(started).toMatchObject({ code: 0, json: { execution: "greet/1", started: true } });
    const again = await pawl(root, ["start", "greet", "--input", "-", "--id", "1"], '{"name":"Ada"}');
    expect(again).toMatchObject({ code: 0, stdout: "greet/1 had been started before: nothing new\n" });
    const [waited, late, refused] = await Promise.all([
      pawl(root, [...ada, "--id", "1", "--wait", "--json"]),
      pawl(root, ["start", "greet", "--wait", "--timeout", "50ms", "--input", '{"name":"Ada","forMs":5000}']),
      pawl(root, ["start", "greet", "--wait", "--json", "--input", "7"]),
    ]);
    expect(waited.json).toStrictEqual({
      execution: "greet/1",
      status: "succeeded",
      output: { text: "Hello Ada" },
      error: null,
    });
    expect(late).toMatchObject({ code: 3, stderr: expect.stringContaining("error still_running: greet/") });
    expect(refused).toMatchObject({ code: 2, error: { code: "invalid_input" } });
  });
});
