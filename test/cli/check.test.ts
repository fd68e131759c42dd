import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Committed } from "../../lib/project/committed-graphs.ts";
import { greetProject, pawlInside } from "./run-cli.ts";

async function pawl(root: string, args: readonly string[]) {
  const ran = await pawlInside([...args, "--root", root]);
  return { ...ran, json: args.includes("--json") ? (JSON.parse(ran.stdout) as unknown) : undefined };
}

const committed = (root: string, workflow = "greet"): Committed =>
  JSON.parse(readFileSync(join(root, `graphs/${workflow}.json`), "utf8")) as Committed;

function edit(root: string, file: string, from: string, to: string): void {
  const path = join(root, "functions/greet", file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replaceAll(from, to));
}

describe("pawl check", () => {
  it("compares each version with the committed ones, and keeps those as long as executions may be on them", async () => {
    const root = greetProject();
    const first = await pawl(root, ["check", "--update", "--json"]);
    expect(first.json).toMatchObject({
      ok: true,
      workflows: [
        { workflow: "greet", committed: null, verdict: "safe", against: [], updated: true },
        { workflow: "note", updated: true },
      ],
      callCycles: [],
    });
    const v1 = committed(root);
    expect(v1).toMatchObject({ graph: { workflow: "greet" }, earlier: [] });

    // Renamed, under a state of another name: three things to be mapped, each with what to write.
    edit(root, "contracts.ts", "sayHello", "greetThem");
    edit(root, "say-hello.ts", "sayHello", "greetThem");
    edit(root, "workflow.ts", "sayHello", "greetThem");
    const [human, json] = [
      await pawl(root, ["check", "greet"]),
      await pawl(root, ["check", "greet", "--json", "--update"]),
    ];
    expect(human).toMatchObject({ code: 1, stderr: "" });
    expect(human.stdout).toMatch(/needs a mapping +sayHello \(node renamed\): .*'greetThem' takes and gives the same/);
    expect(human.stdout).toContain("→ retired: { nodes: { sayHello: greetThem } }");
    expect(human.stdout).toMatch(/greet: needs a mapping\n$/);
    expect(json).toMatchObject({
      code: 1,
      json: {
        ok: false,
        workflows: [
          {
            verdict: "needs_mapping",
            against: [
              {
                changes: expect.arrayContaining([
                  expect.objectContaining({ kind: "node_renamed", where: "sayHello", at: "sayHello", settled: false }),
                  expect.objectContaining({ kind: "slot_reads", where: "output" }),
                ]),
              },
            ],
          },
        ],
      },
    });
    expect(committed(root)).toEqual(v1);

    const retired = `retired: { nodes: { sayHello: greetThem }, slots: {
      "output": (s) => ({ text: s.sayHello.text }), "emitGreeted.data": (s) => ({ text: s.sayHello.text }) } },`;
    edit(root, "workflow.ts", "input: Guest,", `input: Guest, ${retired}`);
    expect(await pawl(root, ["check", "greet", "--update"])).toMatchObject({ code: 0 });
    const v2 = committed(root);
    expect(v2.graph.nodes).toHaveProperty("greetThem");
    expect(v2.earlier).toEqual([v1.graph]);

    // Nothing is in flight on the first one, says who ought to know: what was kept for it may go.
    const drained = await pawl(root, ["check", "greet", "--update", "--drained"]);
    expect(committed(root)).toEqual({ graph: v2.graph, earlier: [] });
    expect(drained.code).toBe(0);
    const spare = await pawl(root, ["check", "greet"]);
    expect(spare.stdout).toContain(
      "greet: no execution needs these any more: retired.nodes.sayHello, retired.slots.output, retired.slots.emitGreeted.data",
    );
  });

  it("refuses what is wrong whatever is in flight, and tells of circles of calls", async () => {
    const call = (name: string, other: string) => `import { contract, workflow } from "pawl";
import { z } from "zod";
const other = contract("${other}", { input: z.json() });
export const ${name} = workflow("${name}", { input: z.json() }).call(other, { input: (s) => s.input });
`;
    const root = greetProject({
      "functions/ping/workflow.ts": call("ping", "pong"),
      "functions/pong/workflow.ts": call("pong", "ping"),
    });
    expect(await pawl(root, ["check", "greet", "--update"])).toMatchObject({ code: 0 });
    edit(
      root,
      "contracts.ts",
      "z.object({ text: z.string() }) });\nexport const say",
      "z.object({ said: z.string() }) });\nexport const say",
    );
    edit(root, "workflow.ts", "({ text: s.sayHello.text }))\n  .output", "({ said: s.sayHello.text }))\n  .output");
    expect((await pawl(root, ["check", "note"])).stdout).toContain(
      "note: no graph is committed yet: pawl check --update",
    );
    const [changed, all] = [await pawl(root, ["check", "greet"]), await pawl(root, ["check", "ping", "--json"])];
    expect(changed.code).toBe(1);
    expect(changed.stdout).toMatch(/refused +house\.door\/Greeted@1 \(event changed\): whoever listens/);
    expect(changed.stdout).toContain("→ give the changed event a new version");
    expect(all).toMatchObject({ code: 1, json: { ok: false, callCycles: ["ping → pong → ping"] } });
  });

  it("says what is wrong with its options, with a committed file, and with a workflow that there is not", async () => {
    const root = greetProject({ "graphs/greet.json": "{}" });
    const refused = async (...args: readonly string[]) => (await pawl(root, ["check", ...args])).stderr;
    expect(await refused("--drained")).toContain("--drained is for --update");
    expect(await refused("--update", "--drained", "--target", "aws")).toContain("it is looked up");
    expect(await refused("greet")).toMatch(/error usage: .*graphs\/greet\.json cannot be read: it holds no graphs/);
    expect(await refused("nope")).toMatch(/error unknown_workflow: .*known: greet, note/);
  });
});
