import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Header, StepRecord } from "../../lib/kernel/record.ts";
import { carryOut } from "../soak/command.ts";
import type { Evidence, Run } from "../soak/evidence.ts";
import { judge } from "../soak/judge.ts";
import type { Planted } from "../soak/life.ts";
import { soak } from "../soak/soak.ts";
import { DEEP, LONGEST_MS, STILL_MS } from "../support/deep.ts";
import { tempFolder } from "../support/temp-folder.ts";

const seed = Number(process.env.SEED ?? 1);

async function carriedOut(options: Partial<Parameters<typeof carryOut>[0]>) {
  const out: string[] = [];
  const err: string[] = [];
  const streams = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const exitCode = await carryOut({ executions: 1000, seed, json: true, ...options }, streams);
  const left = /^What the run left is in (.+)$/m.exec(err.join(""))?.[1];
  if (left) rmSync(left, { recursive: true });
  return { exitCode, report: JSON.parse(out.join("")) as Record<string, number>, err: err.join("") };
}

describe("a soak", () => {
  const executions = DEEP ? 10_000 : 1000;
  it(
    `of ${executions} executions loses nothing and settles nothing twice`,
    async () => {
      const { report, asked, problems } = await soak({ folder: tempFolder(), executions, seed, stuckMs: STILL_MS });
      expect(problems).toEqual([]);
      expect(asked.paused).toBeGreaterThan(executions / 100);
      expect(asked.redriven).toBeGreaterThan(executions / 100);
      expect(report).toMatchObject({ executions, lost: 0, settledTwice: 0 });
      expect(report.steps).toBeGreaterThan(executions * 5);
      expect(report.crashes).toBeGreaterThanOrEqual(4);
      expect(report.duplicates).toBeGreaterThan(0);
    },
    LONGEST_MS,
  );

  it.each<[Planted, "lost" | "settledTwice"]>([
    ["settle twice", "settledTwice"],
    ["acknowledge before dispatch", "lost"],
  ])(
    "finds an engine out that is made to %s",
    async (planted, count) => {
      const { exitCode, report, err } = await carriedOut({ executions: 300, kills: 3, planted, stuckMs: 5_000 });
      expect(report[count]).toBeGreaterThan(0);
      expect(err).toMatch(count === "lost" ? / is lost: / : / settled twice: /);
      expect(exitCode).toBe(1);
    },
    LONGEST_MS,
  );
});

describe("the command of a soak", () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [...process.execArgv, join(import.meta.dirname, "../soak/main.ts"), ...args]);

  it("prints one object with exactly these facts", async () => {
    const { stdout } = await run("--executions", "50", "--seed", "7", "--json");
    const facts = ["executions", "steps", "crashes", "duplicates", "lost", "settledTwice", "rssStartMiB", "rssEndMiB"];
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(facts);
  });
  it("says in its help what each fact means, and refuses what it does not know", async () => {
    expect((await run("--help")).stdout).toMatch(/settledTwice {2}steps whose/);
    await expect(run("--executions", "many")).rejects.toMatchObject({ code: 2 });
  });
});

describe("an execution's evidence", () => {
  const step = (output: string, more: Partial<StepRecord> = {}): StepRecord => ({
    ...{ kind: "step", node: "queued", status: "settled", fence: 1, failures: 0, crashes: 0, output },
    ...more,
  });
  const run = (path: string, answer: string, given = "in", life = 0): Run => ({ life, path, answer, given: [given] });
  const header = { workflow: "pick", id: "1", status: "succeeded" } as Header; // what else it has is not looked at
  const sound = {
    header,
    steps: new Map([
      ["a", step("1")],
      ["either/x/x", step("2")],
      ["b", step("3")],
    ]),
    runs: [run("a", "1"), run("either/x/x", "2", "1"), run("b", "3", "2")],
    standing: new Map<string, number>(),
    rewritten: [],
  } satisfies Evidence;
  const twiceIn = (evidence: Partial<Evidence>) => [...judge({ ...sound, ...evidence }).settledTwice.keys()];
  const lostIn = (evidence: Partial<Evidence>) => judge({ ...sound, ...evidence }).lost.length > 0;

  it("is sound when each step ran, settled and was followed once", () => {
    expect(judge(sound)).toEqual({ lost: [], settledTwice: new Map() });
  });
  it("may have runs that came to nothing before the one that was recorded", () => {
    const { runs } = sound;
    expect(judge({ ...sound, runs: [run("a", "0"), ...runs] })).toEqual(judge(sound));
  });

  it("tells of a step whose record was written again", () => {
    expect(twiceIn({ rewritten: ["b"] })).toEqual(["b"]);
  });
  it("tells of a step that another answer was followed of", () => {
    expect(twiceIn({ runs: [run("a", "0"), run("b", "9", "0"), ...sound.runs] })).toEqual(["a"]);
  });
  it("tells of a step that began again after another had begun with its answer", () => {
    expect(twiceIn({ runs: [...sound.runs, run("a", "9")] })).toEqual(["a"]);
  });
  it("tells of a step that began in a life after the one in which it stood as settled", () => {
    expect(twiceIn({ standing: new Map([["b", 0]]), runs: [...sound.runs, run("b", "9", "2", 1)] })).toEqual(["b"]);
    expect(twiceIn({ standing: new Map([["b", 1]]), runs: [...sound.runs, run("b", "9", "2", 1)] })).toEqual([]);
  });
  it("does not mind a repeatable step that runs again", () => {
    const steps = new Map([...sound.steps, ["a", step("1", { node: "repeated" })] as const]);
    expect(twiceIn({ steps, runs: [...sound.runs, run("a", "9")] })).toEqual([]);
  });
  it("tells of a step beside the branch that was taken", () => {
    const steps = new Map([...sound.steps, ["either/y/y", step("4")] as const]);
    expect(twiceIn({ steps, runs: [...sound.runs, run("either/y/y", "4", "1")] })).toEqual(["either/y/y"]);
  });

  it.each<[string, Partial<Evidence>]>([
    ["has not ended", { header: { ...header, status: "running" } }],
    ["has a step that began and is not settled", { runs: [...sound.runs, run("c", "4", "3")] }],
    ["has a step that is settled with what nobody answered", { runs: sound.runs.slice(0, 2) }],
    ["succeeded with too few steps", { steps: new Map([...sound.steps].slice(0, 2)), runs: sound.runs.slice(0, 2) }],
  ])("tells of one that is lost because it %s", (_, evidence) => {
    expect(lostIn(evidence)).toBe(true);
  });
});
