/** Handlers and slots that answer differently at each call: the outcome must follow from what is recorded. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import type { DecisionRecord, LogRecord, StepRecord } from "../../lib/kernel/record.ts";
import { type Answer, type Fault, failure, type Mode, output, Simulation } from "../support/simulation.ts";

const of = { input: z.number(), output: z.number() };
const queued = node("queued", of);
const repeated = node("repeated", { ...of, repeatable: true });
const inlined = node("inlined", { ...of, inline: true });
const repeatedInline = node("repeatedInline", { ...of, inline: true, repeatable: true });
const moody = node("moody", { ...of, retry: { maxAttempts: 5 } });

/** Each run has its own count, so that it can be repeated. */
let count = 0;
const next = () => ++count;
const counting: Answer = () => output(next());
const handlers: Record<string, Answer> = {
  queued: counting,
  repeated: counting,
  inlined: counting,
  repeatedInline: counting,
  moody: () => (next() % 3 === 0 ? output(next()) : failure("handler_failed", false)),
};

const { program } = workflow("moods", { input: z.number() })
  .task(queued.as("a"))
  .set("b", (s) => [s.a, next()])
  .choice("c", () => (["x", "y", "z"] as const)[next() % 3]!, {
    x: (x) => x.task(inlined.as("cx"), { input: (s) => s.a }).task(queued.as("cx2")),
    y: (y) => y.task(repeatedInline.as("cy"), { input: (s) => s.a }),
    z: (z) => z.set("cz", () => next()),
  })
  .map("m", {
    over: () => Array.from({ length: next() % 4 }, () => next()),
    each: (e) =>
      e.task(repeated.as("each")).choice("d", () => (next() % 2 ? "p" : "q"), {
        p: (p) => p.task(inlined.as("p"), { input: (s) => s.item }),
        q: (q) => q.set("q", () => next()),
      }),
    concurrency: 2,
  })
  .task(moody.as("e"), { input: () => next() })
  .output((s) => ({ a: s.a, b: s.b, c: s.c, m: s.m, e: s.e }));

/** What the records alone say that the execution came to. */
function recorded(records: ReadonlyMap<string, LogRecord>): unknown {
  const decisions = [...records.values()].filter(
    (r): r is StepRecord | DecisionRecord => r.kind === "step" || r.kind === "decision",
  );
  const value = (path: string) => decisions.map((d) => d.values?.[path]).find((v) => v !== undefined);
  const taken = (path: string) => decisions.map((d) => d.taken?.[path]).find((v) => v !== undefined);
  const step = (path: string) => (records.get(`step/${path}`) as StepRecord | undefined)?.output;
  const c = taken("c");
  const items = (value("m") as number[] | undefined) ?? [];
  return {
    a: step("a"),
    b: value("b"),
    c: { branch: c, output: c === "x" ? step("c/x/cx2") : c === "y" ? step("c/y/cy") : value("c/z/cz") },
    m: items.map((_, i) => {
      const d = taken(`m/${i}/d`);
      return { branch: d, output: d === "p" ? step(`m/${i}/d/p/p`) : value(`m/${i}/d/q/q`) };
    }),
    e: step("e"),
  };
}

async function problemsWith(
  mode: Mode,
  seed: number,
  faults: readonly Fault[],
): Promise<{ wrong: string[]; calls: number }> {
  count = seed;
  const sim = await new Simulation(
    { programs: [program], handlers, start: { workflow: "moods", id: "1", input: 0 } },
    mode,
    faults,
  ).run();
  const wrong = [...sim.wrong];
  const { header, records, output } = sim.execution("moods/1");
  const calls = sim.calls.length;
  if (header.status === "failed" && header.error?.path === "e") return { wrong, calls }; // five bad moods in a row
  if (header.status !== "succeeded") wrong.push(`${header.status}: ${JSON.stringify(header.error)}`);
  const told = JSON.stringify(output);
  const wanted = JSON.stringify(recorded(records));
  if (told !== wanted) wrong.push(`it came to ${told}, and its records say ${wanted}`);
  // Nobody ran on an answer that was not recorded.
  const a = (records.get("step/a") as StepRecord).output;
  for (const { step, input } of sim.runs)
    if (/^c\/[xy]\/c[xy]$/.test(step.path) && input !== a) wrong.push(`${step.path} ran on ${input}, and a gave ${a}`);
  return { wrong, calls };
}

describe("an execution whose handlers and slots answer differently at each call", () => {
  it.each<[string, Mode]>([
    ["its process dies, and each write is on disk at once", { dies: "process", durable: "each write" }],
    ["its process dies, and loses the turn's writes", { dies: "process", durable: "each turn" }],
    ["its invocation dies", { dies: "invocation", durable: "each write" }],
    ["its process dies, and every message is sent twice", { dies: "process", durable: "each write", twice: "sent" }],
    ["its process dies, and two have every message", { dies: "process", durable: "each turn", twice: "delivered" }],
  ])("comes to what is recorded, at whichever port call %s", async (_, mode) => {
    const wrong: string[] = [];
    for (const seed of [0, 1, 2]) {
      const { calls } = await problemsWith(mode, seed, []);
      for (let at = 1; at <= calls && wrong.length < 10; at++)
        for (const when of ["before", "after"] as const) {
          const found = await problemsWith(mode, seed, [{ at, when }]);
          wrong.push(...found.wrong.map((problem) => `seed ${seed}, ${when} ${at}: ${problem}`));
        }
    }
    expect(wrong.slice(0, 10)).toEqual([]);
  });
});
