import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder, until } from "../local/temp-folder.ts";
import { begin, COMMAND, greetProject, pawl, repository } from "./run-cli.ts";

/** Gives a child a terminal. */
const SCRIPT = "/usr/bin/script";

const samplesOf = (
  ...samples: readonly { id: string; name: string; expect: object; people?: object[] }[]
): Record<string, string> => ({
  "functions/greet/samples.ts": `export const samples = async () => ${JSON.stringify(
    samples.map(({ id, name, expect, people }) => ({
      name: `${name} comes`,
      event: { id, source: "house.door", "detail-type": "Arrived", detail: { name } },
      expect,
      people,
    })),
  )};`,
});
const good = samplesOf(
  { id: "1", name: "Ada", expect: { status: "succeeded" } },
  { id: "2", name: "Mallory", expect: { status: "failed", code: "Refused" } },
);

describe("pawl demo --exit", () => {
  it("sends this repository's samples in, and every execution ends as its sample says", async () => {
    const folder = tempFolder();
    const ran = await pawl(repository, ["demo", "--exit", "--data", folder]);
    expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: "" });
    const rows = Object.fromEntries(
      [...ran.stdout.matchAll(/^(\w+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) ms +(\d+)$/gm)].map(([, name, ...rest]) => [
        name,
        rest.map(Number),
      ]),
    ) as Record<string, [number, number, number, number, number, number]>;
    const order = rows.order ?? [];
    expect(rows).toEqual({
      order: [expect.any(Number), order[1], expect.any(Number), 0, expect.any(Number), expect.any(Number)],
      crm: [order[1], order[1], 0, 0, expect.any(Number), expect.any(Number)], // one for each order that shipped
      ticket: [expect.any(Number), expect.any(Number), 0, 0, expect.any(Number), expect.any(Number)],
      agent: [9, 8, 1, 0, expect.any(Number), expect.any(Number)],
      purchase: [44, 19, 25, 0, expect.any(Number), expect.any(Number)],
      all: expect.any(Array),
    });
    expect(order[0]).toBeGreaterThanOrEqual(25);
    expect(order[2]).toBeGreaterThanOrEqual(4);
    expect(ran.stdout).toMatch(
      /^workflow +executions +succeeded +failed as expected +unexpected +p50 +steps per second$/m,
    );
    expect(ran.stdout).toMatch(/^order: \d+ running, \d+ succeeded, \d+ failed, of \d+$/m); // plain lines in a pipe
    expect(ran.stdout).toContain("Every execution ended as its sample says.");
  });

  it("ends with exit code 1 and the differences when they end otherwise", async () => {
    const root = greetProject(
      samplesOf(
        { id: "1", name: "Ada", expect: { status: "failed", code: "Refused" } },
        { id: "2", name: "Mallory", expect: { status: "failed", code: "Other" } },
        { id: "2", name: "Twin", expect: { status: "succeeded" } },
        { id: "3", name: "", expect: { status: "succeeded" } },
        { id: "4", name: "Grace", expect: { status: "succeeded" }, people: [{ signal: "hurry", data: null }] },
      ),
    );
    const ran = await pawl(root, ["demo", "--exit"]);
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.stdout).toContain("5 did not end as they should:");
    expect(ran.stdout).toContain("  - greet/1 succeeded instead of failed with Refused");
    expect(ran.stdout).toContain("  - greet/2 failed with Refused instead of failed with Other (sayHello: ");
    expect(ran.stdout).toContain("  - greet/4 is told 'hurry', and refuses it: ");
    expect(ran.stdout).toContain('the sample "Twin comes" of greet is greet/2, as another sample is');
    expect(ran.stdout).toContain('the sample " comes" of greet is refused: ');
    expect(ran.stdout).toMatch(/^greet +3 +1 +0 +2 /m);
  });

  it("begins anew each time, as often as asked, and removes only what is its own", async () => {
    const root = greetProject({ ...good, ".pawl/mine.txt": "mine" });
    const ran = await pawl(root, ["demo", "--exit", "--times", "2"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^greet +4 +2 +2 +0 /m);
    expect(readFileSync(join(root, ".pawl/mine.txt"), "utf8")).toBe("mine");

    const other = greetProject({ ...good, ".pawl/demo/letter.txt": "mine" });
    expect(await pawl(greetProject(), ["demo", "--exit"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no workflow has samples/),
    });
    const refused = await pawl(other, ["demo", "--exit"]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error usage: .*letter\.txt/) });
    expect(existsSync(join(other, ".pawl/demo/letter.txt"))).toBe(true);
  });

  it.skipIf(!existsSync(SCRIPT))("shows a live line with a bar for each workflow on a terminal", () => {
    const root = greetProject(good);
    const line = [process.execPath, ...COMMAND, "demo", "--exit"].map((word) => `'${word}'`).join(" ");
    const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" };
    const told = execFileSync(SCRIPT, ["-qec", line, "/dev/null"], { cwd: root, encoding: "utf8", env });
    expect(told).toContain("\u001b[?25l"); // the cursor is hidden while they move
    expect(told).toMatch(/greet {2}█+ {2}2\/2 {3}0 running {3}1 succeeded {3}1 failed/);
    expect(told).toMatch(/note {3}█+ {2}1\/1 {3}0 running {3}1 succeeded {3}0 failed/);
    expect(told).toContain("\u001b[?25h");
    expect(told.replaceAll("\r", "")).toContain("\nEvery execution ended as its sample says.");
  });
});

describe("pawl demo", () => {
  it("stays up for more, says what to try, and goes in good order", async () => {
    const root = greetProject(good);
    const demo = begin(root, ["demo", "--port", "0"]);
    await demo.says("Ctrl-C stops");
    const next = [...demo.stdout.matchAll(/^ {2}npm run -s pawl -- (.*)$/gm)].map(
      (match) => match[1]?.split(" ") ?? [],
    );
    expect(next).toEqual([
      ["list", "--data", ".pawl/demo"],
      ["show", "greet/2", "--data", ".pawl/demo"],
      ["graph", "greet"],
      ["--help"],
    ]);
    for (const ran of await Promise.all(next.map((args) => pawl(root, args)))) expect(ran).toMatchObject({ code: 0 });
    expect(await pawl(root, ["demo", "--exit"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error data_folder_in_use: /),
    });

    const data = ["--data", ".pawl/demo"];
    await pawl(root, ["start", "greet", "--id", "more", "--input", '{"name":"Grace"}', ...data]);
    await demo.says("greet/more succeeded in ");
    demo.process.kill("SIGINT");
    expect(await demo.ended).toBe(0);
    await until(() => !existsSync(join(root, ".pawl/demo/engine.json")));
  });
});
