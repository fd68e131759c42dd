import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { DEEP } from "../support/deep.ts";
import { faultWithin, mode } from "../support/faults.ts";
import { answer } from "../support/plan.ts";
import { type Answer, failure, output, Simulation } from "../support/simulation.ts";

const text = { input: z.string(), output: z.string() };
const items = Array.from({ length: 205 }, (_, i) => `item ${i}`);
const many = workflow("planned", { input: z.string() }).map("all", {
  over: () => items,
  each: (b) =>
    b
      .choice("c", (s) => (Number(s.item.slice(5)) % 3 === 0 ? "work" : "pass"), {
        work: (w) => w.task(node("inlined", { ...text, inline: true }), { input: (s) => s.item }),
        pass: (p) => p.set("same", (s) => s.item),
      })
      .set("out", (s) => s.c.output),
  concurrency: 50,
}).program;
const inlined: Answer = (call) => output(answer(call.step.path, call.input));
const scenario = { programs: [many], handlers: { inlined }, start: { workflow: "planned", id: "1", input: "in" } };

it("a map of 205 items, whose join is a tree of sets, ends once, whatever dies, stalls or comes twice", async () => {
  const wanted = items.map((item, i) => (i % 3 === 0 ? answer(`all/${i}/c/work/inlined`, item) : item));
  await fc.assert(
    fc.asyncProperty(mode, fc.array(faultWithin(1500), { minLength: 1, maxLength: 3 }), async (m, f) => {
      const sim = await new Simulation(scenario, m, f).run();
      expect(sim.wrong).toEqual([]);
      expect(sim.execution("planned/1").output).toEqual(wanted);
    }),
    { numRuns: 25 },
  );
});

describe("a map of 205 items of which some fail, as it tolerates", () => {
  const fails = (path: string) => Number(path.split("/")[1]) % 10 === 7;
  const charge: Answer = ({ step: { path }, input }) => (fails(path) ? failure("Declined", true) : output(input));
  const lines = Array.from({ length: 205 }, (_, i) => i);
  const begin = () => workflow("batch", { input: z.string() });
  const task = node("charge", { input: z.number(), output: z.number(), errors: ["Declined"] });
  const error = (i: number) => ({ code: "Declined", message: "Declined", path: `all/${i}/charge` });
  const results = lines.map((i) => (fails(`all/${i}`) ? { ok: false, error: error(i) } : { ok: true, output: i }));

  it.each([
    [
      "leaves each item's result in order",
      begin().map("all", { over: () => lines, each: (b) => b.task(task), concurrency: 50, tolerate: { count: 20 } }),
      { output: results },
    ],
    [
      "leaves how many there are, and where they lie",
      begin().map("all", {
        over: () => lines,
        each: (b) => b.task(task),
        concurrency: 50,
        tolerate: { share: 0.1 },
        results: "reference",
      }),
      { output: { count: 205, failed: 20, results: "batch/1#all" } },
    ],
    [
      "fails when they are too many, and says what the first failed with",
      begin().map("all", { over: () => lines, each: (b) => b.task(task), concurrency: 50, tolerate: { count: 19 } }),
      {
        error: {
          code: "too_many_failures",
          message: "20 of 205 items failed, at most 19 may; the first: Declined: Declined",
          path: "all",
        },
        output: undefined,
      },
    ],
  ])("%s, whatever dies, stalls or comes twice", async (_, { program }, ends) => {
    const of = { programs: [program], handlers: { charge }, start: { workflow: "batch", id: "1", input: "in" } };
    await fc.assert(
      fc.asyncProperty(mode, fc.array(faultWithin(1200), { minLength: 1, maxLength: 3 }), async (m, f) => {
        const sim = await new Simulation(of, m, f).run();
        expect(sim.wrong).toEqual([]);
        const { header, output } = sim.execution("batch/1");
        expect({ output, ...(header.error && { error: header.error }) }).toEqual(ends);
      }),
      { numRuns: 8 },
    );
  });
});

it.runIf(DEEP)("a map of 2,100 items ends once, though what carries it dies on the way", async () => {
  const all = Array.from({ length: 2_100 }, (_, i) => i);
  const task = node("charge", { input: z.number(), output: z.number() });
  const { program } = workflow("batch", { input: z.string() }).map("all", {
    over: () => all,
    each: (b) => b.task(task),
    concurrency: 1000,
  });
  const charge: Answer = ({ input }) => output((input as number) * 2);
  const of = { programs: [program], handlers: { charge }, start: { workflow: "batch", id: "1", input: "in" } };
  await fc.assert(
    fc.asyncProperty(mode, fc.array(faultWithin(12_000), { minLength: 1, maxLength: 3 }), async (m, f) => {
      const sim = await new Simulation(of, m, f).run();
      expect(sim.wrong).toEqual([]);
      expect(sim.execution("batch/1").output).toEqual(all.map((i) => i * 2));
    }),
    { numRuns: 10 },
  );
});

it("a map of 205 items that are undone is undone in stages that are read one by one, each item once", async () => {
  const number = { input: z.number(), output: z.number() };
  const back = node("back", { input: z.number().nullable(), output: z.boolean() });
  const { program } = workflow("batch", { input: z.string() })
    .map("all", {
      over: () => Array.from({ length: 205 }, (_, i) => i),
      each: (b) => b.task(node("charge", number), { undo: back }),
      concurrency: 100,
    })
    .task(node("last", number), { input: () => 0 });
  const undone = new Set<string>();
  const handlers: Record<string, Answer> = {
    charge: ({ input }) => output(input),
    last: () => failure("no", true),
    back: ({ step: { path } }) => {
      undone.add(path);
      return output(true);
    },
  };
  const of = { programs: [program], handlers, start: { workflow: "batch", id: "1", input: "in" } };
  await fc.assert(
    fc.asyncProperty(mode, fc.array(faultWithin(2500), { minLength: 1, maxLength: 3 }), async (m, f) => {
      undone.clear();
      const sim = await new Simulation(of, m, f).run();
      expect(sim.wrong).toEqual([]);
      const { header, records } = sim.execution("batch/1");
      expect(header.status).toBe("failed");
      expect(undone.size).toBe(205);
      expect([...records.keys()].filter((key) => /^list\/#undo#/.test(key))).toHaveLength(3);
    }),
    { numRuns: 4 },
  );
});

describe("a map of 205 items whose every message is lost is gone on with by a heal", () => {
  const task = node("charge", { input: z.number(), output: z.number() });
  const items = Array.from({ length: 205 }, (_, i) => i);
  const { program } = workflow("batch", { input: z.string() }).map("all", {
    over: () => items,
    each: (b) => b.task(task),
    concurrency: 100,
  });
  const charge: Answer = ({ input }) => output(input);
  const of = {
    programs: [program],
    handlers: { charge },
    start: { workflow: "batch", id: "1", input: "in" },
    atRest: [{ kind: "heal" as const }],
  };
  const lostAt = (at: number) => ({ ...of, controls: [{ at, ask: { kind: "purge" as const } }] });

  it("wherever it stood", async () => {
    await fc.assert(
      fc.asyncProperty(mode, fc.integer({ min: 10, max: 1400 }), fc.array(faultWithin(1600)), async (m, at, f) => {
        const sim = await new Simulation(lostAt(at), m, f).run();
        expect(sim.wrong).toEqual([]);
        expect(sim.execution("batch/1").output).toEqual(items);
      }),
      { numRuns: 12 },
    );
  });

  it("though whoever filled a set died before it saw to the set above", async () => {
    const calm = { dies: "process", durable: "each write" } as const;
    const { calls } = await new Simulation(of, calm).run();
    // Parts of lists: the items' come first, then what each set has gathered.
    const puts = calls.flatMap((call, i) => (call.split(" ")[0] === "log.put" ? [i + 1] : []));
    const filled = puts.slice(-3);
    expect(puts).toHaveLength(6);
    for (const at of filled) {
      const sim = await new Simulation(lostAt(at), calm, [{ at, when: "before" }]).run();
      expect(sim.wrong).toEqual([]);
      expect(sim.execution("batch/1").output).toEqual(items);
    }
  });
});
