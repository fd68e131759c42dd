import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { commandLine } from "../../lib/cli/command-line.ts";
import { exitCodeOf } from "../../lib/cli/exit-code.ts";
import { parseTimeout } from "../../lib/cli/options.ts";
import { printDuration, printShort, printTable, right } from "../../lib/cli/print.ts";
import { printError } from "../../lib/cli/print-error.ts";
import { PawlError } from "../../lib/errors.ts";
import { pawl, pawlInside, repository } from "./run-cli.ts";

describe("the command line", () => {
  it("has examples in the help of every command", () => {
    const all = commandLine().commands.flatMap((command) =>
      command.commands.length > 0 ? command.commands : [command],
    );
    expect(all.map((command) => command.name())).toEqual([
      "init",
      "dev",
      "start",
      "send",
      "list",
      "show",
      "graph",
      "check",
      "cost",
      "schedules",
      "items",
      "dead-letters",
      "signal",
      "pause",
      "resume",
      "cancel",
      "redrive",
      "fork",
      "heal",
      "run",
      "import",
      "export",
      "answer",
      "demo",
    ]);
    for (const command of all) {
      const help: string[] = [];
      command.configureOutput({ writeOut: (text) => help.push(text) }).outputHelp();
      expect(help.join("")).toContain("Examples:\n  $ ");
    }
  });

  it("helps, and tells its version", async () => {
    const [help, none, version] = await Promise.all([pawl(".", ["help"]), pawl(".", []), pawl(".", ["--version"])]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("Exit codes: 0 done");
    expect(help.stdout).not.toContain("demo");
    expect(none).toMatchObject({ code: 2, stdout: "", stderr: help.stdout });
    const own = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };
    expect(version).toMatchObject({ code: 0, stdout: `${own.version}\n` });
  });

  it.each([
    ["an unknown command", ["strat", "order"], "Did you mean start?"],
    ["an unknown command of a group", ["events", "sned"], "Did you mean send?"],
    ["an unknown option", ["list", "--limt", "3"], "Did you mean --limit?"],
    ["too many arguments", ["list", "order"], "too many arguments"],
    ["a missing argument", ["show"], "missing required argument 'execution'"],
  ])("refuses %s in one block, with exit code 2", async (_, args, text) => {
    const ran = await pawlInside(args);
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
    expect(ran.stderr).toMatch(/^error usage: /);
    expect(ran.stderr).not.toContain("    at ");
  });

  it("tells an older Node that it is too old, in one line, before anything else is loaded", () => {
    const main = pathToFileURL(join(repository, "lib/cli/main.ts")).href;
    const program = `
      Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.9.1" } });
      const stderr = process.stderr.write;
      process.stderr.write = (text) => { console.log(JSON.stringify(text)); return true; };
      await import(${JSON.stringify(main)});
      console.log(process.exitCode);
      process.exitCode = 0;`;
    // Without the condition that leads to the sources: what is loaded further would fail.
    const told = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
    const [line, code] = told.trim().split("\n");
    expect(JSON.parse(line ?? "")).toMatch(/^pawl needs Node 24 or newer, and this is 22\.9\.1 \(.*\)\n$/);
    expect(code).toBe("2");
  });
});

describe("an error on the command line", () => {
  it("is a block with its code, what happened and what to do", () => {
    const text = printError(new PawlError("unknown_workflow", "there is no workflow 'x'", { workflow: "x" }));
    expect(text).toBe(
      "error unknown_workflow: there is no workflow 'x'\n" +
        "  `pawl graph` shows what is there; a workflow is exported by functions/<name>/workflow.ts\n",
    );
  });

  it("is an object with --json", () => {
    const text = printError(new PawlError("unknown_workflow", "none", { workflow: "x" }), { json: true });
    expect(text).toBe('{"error":{"code":"unknown_workflow","message":"none","detail":{"workflow":"x"}}}\n');
    expect(printError(new TypeError("odd"), { json: true })).toContain('"code":"internal_error","message":"odd"');
  });

  it.each([
    ["unmatched_event", 1],
    ["still_running", 3],
    ["engine_stopped", 3],
    ["invalid_input", 2],
    ["storage_failed", 2],
  ] as const)("of code %s ends the command with %i", (code, exit) => {
    expect(exitCodeOf(new PawlError(code, ""))).toBe(exit);
  });
});

describe("what is printed", () => {
  it.each([
    [0, "0 ms"],
    [999.4, "999 ms"],
    [1000, "1.00 s"],
    [59_940, "59.9 s"],
    [60_000, "1 m 00 s"],
    [3_599_999, "59 m 59 s"],
    [3_600_000, "1 h 00 m"],
    [90_000_000, "25 h 00 m"],
  ])("of a duration of %d ms is %s", (ms, text) => {
    expect(printDuration(ms)).toBe(text);
  });

  it("of a long value is its beginning", () => {
    expect(printShort({ text: "x".repeat(100) }, 20)).toBe('{"text":"xxxxxxxxxx…');
    expect(printShort("x".repeat(18), 20)).toBe(`"${"x".repeat(18)}"`);
  });

  it("of a table are columns in line", () => {
    expect(
      printTable(
        ["a", "count"],
        [
          ["long name", right(7)],
          ["b", right(1234)],
        ],
      ),
    ).toBe("a          count\nlong name      7\nb           1234");
  });

  it.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["1 minute", 60_000],
    ["1.5h", 5_400_000],
  ])("understands a timeout of %s", (text, ms) => {
    expect(parseTimeout(text)).toBe(ms);
  });
  it.each(["30", "", "s", "-1s", "1 fortnight", "Infinity s"])("refuses a timeout of '%s'", (text) => {
    expect(() => parseTimeout(text)).toThrow("500ms");
  });
});
