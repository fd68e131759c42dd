import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../local/temp-folder.ts";
import { beginDev, COMMAND, greetProject, pawl, pawlInside } from "./run-cli.ts";

const shape = { startedAt: expect.stringMatching(/Z$/), endedAt: expect.stringMatching(/Z$/) };
const failed = { code: "Refused", path: "sayHello", message: expect.any(String), data: { name: "Mallory" } };

/** Two executions that have ended. */
async function someExecutions(root: string): Promise<void> {
  const events = ["Ada", "Mallory"].map((name, i) => {
    return { id: `${i + 1}`, source: "house.door", "detail-type": "Arrived", detail: { name } };
  });
  await pawl(root, ["events", "send", "--wait", "--file", "-"], JSON.stringify(events));
}

describe.each([
  ["of an engine that has ended", false],
  ["beside a running engine", true],
])("pawl list and show, %s", (_, running) => {
  it("tell of executions, newest first, and of one step by step", async () => {
    const root = greetProject();
    if (running) await beginDev(root);
    await someExecutions(root);

    const [all, some, limited, one, other, none] = await Promise.all([
      pawl(root, ["list", "--workflow", "greet", "--json"]),
      pawl(root, ["list", "--status", "failed"]),
      pawl(root, ["list", "--workflow", "greet", "--limit", "1"]),
      pawl(root, ["show", "greet/1", "--json"]),
      pawl(root, ["show", "greet/2"]),
      pawl(root, ["show", "greet/9", "--json"]),
    ]);
    expect(all).toMatchObject({ code: 0, stderr: "" });
    expect(all.json).toStrictEqual({
      executions: [
        { execution: "greet/2", workflow: "greet", status: "failed", error: failed, ...shape },
        { execution: "greet/1", workflow: "greet", status: "succeeded", error: null, ...shape },
      ],
    });
    expect(some.stdout.split("\n")).toEqual([
      expect.stringMatching(/^execution +status +started +took +error$/),
      expect.stringMatching(/^greet\/2 +failed +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\S+ m?s +Refused at sayHello$/),
      "",
    ]);
    expect(limited.stdout).toMatch(/greet\/2[\s\S]*There are more/);

    const plain = { node: null, branch: null, attempt: 0, output: null, error: null };
    expect(one.json).toStrictEqual({
      execution: "greet/1",
      workflow: "greet",
      graph: expect.stringMatching(/^[0-9a-f]{32}$/),
      status: "succeeded",
      epoch: 0,
      input: { name: "Ada" },
      output: { text: "Hello Ada" },
      error: null,
      trigger: { kind: "event", id: "1", source: "house.door", type: "Arrived" },
      ...shape,
      steps: [
        {
          ...{ ...plain, path: "sayHello", kind: "task", node: "sayHello", status: "succeeded", attempt: 1 },
          ...{ ...shape, output: { text: "Hello Ada" } },
        },
        { ...plain, path: "length", kind: "choice", branch: "short", status: "succeeded", ...shape },
        {
          ...{ ...plain, path: "emitGreeted", kind: "emit", status: "succeeded", output: { text: "Hello Ada" } },
          ...{ startedAt: null, endedAt: null },
        },
      ],
      cost: expect.objectContaining({ usd: expect.any(Number), writeUnits: 8, readUnits: 0.5, messages: 2, events: 1 }),
    });
    expect(other.stdout).toMatch(/^greet\/2 failed\n +started .*, took .*\n/);
    expect(other.stdout).toMatch(/ +error +Refused at sayHello/);
    expect(other.stdout).toMatch(
      /^ +cost +about 0\.\d+ USD on AWS: 8 write and 0\.5 read units, 2 messages, \S+ GB-s$/m,
    );
    expect(other.stdout).toMatch(/^sayHello +task +failed +1 +\S+ m?s +Refused/m);

    expect(none).toMatchObject({
      code: 2,
      error: { code: "unknown_execution" },
    });
  });
});

describe("pawl list and show", () => {
  it.each([
    ["an execution without a workflow", ["show", "1042"], "invalid_id", "WORKFLOW/ID"],
    ["a status that there is not", ["list", "--status", "done"], "usage", "succeeded"],
    ["a limit that is none", ["list", "--limit", "0"], "usage", "1 to 1000"],
    ["a folder without data", ["list"], "engine_not_running", ".pawl"],
  ])("refuse %s", async (_, args, code, text) => {
    const root = tempFolder();
    const ran = await pawlInside([...args, "--root", root, "--json"]);
    expect(ran).toMatchObject({ code: 2, stdout: "", error: { code, message: expect.stringContaining(text) } });
    expect(existsSync(join(root, ".pawl"))).toBe(false);
  });

  it("refuse a damaged folder, and leave it as it is", async () => {
    const root = tempFolder({ ".pawl/pawl.db": "no database ".repeat(1000) });
    const ran = await pawlInside(["list", "--root", root]);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error data_folder_damaged: /) });
  });

  it("end quietly when whoever reads has closed the pipe", async () => {
    const root = greetProject();
    await someExecutions(root);
    writeFileSync(join(root, "pipe.sh"), `"$@" show greet/1 --json | head -c 1; echo " \${PIPESTATUS[0]}"`);
    const told = execFileSync("bash", ["pipe.sh", process.execPath, ...COMMAND], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
    expect(told).toBe("{ 0\n");
  });
});

describe.each([
  ["of an engine that has ended", false],
  ["beside a running engine", true],
])("pawl items, %s", (_, running) => {
  it("lists what step.transact has written into a table", async () => {
    const root = greetProject();
    const handler = join(root, "functions/greet/say-hello.ts");
    const begin = "forMs = 0 }, step) => {";
    const put = 'step.transact({ Put: { TableName: "visits", Item: { pk: name } } });';
    writeFileSync(handler, readFileSync(handler, "utf8").replace(begin, `${begin} ${put}`));
    if (running) await beginDev(root);
    await someExecutions(root);
    const [items, table, none] = await Promise.all([
      pawl(root, ["items", "visits", "--json"]),
      pawl(root, ["items", "visits"]),
      pawl(root, ["items", "others"]),
    ]);
    expect(items).toMatchObject({ code: 0, json: { table: "visits", items: [{ pk: "Ada" }] } }); // Mallory was refused
    expect(table.stdout).toMatch(/pk[\s\S]*Ada/);
    expect(none).toMatchObject({ code: 0, stdout: "no items\n" });
  });
});
