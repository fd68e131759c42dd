/** What is asked of an execution on its way, at whichever port call: it comes to a right end, and nothing happens twice. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { printExecution } from "../../lib/contract/ids.ts";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { node, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import { faultWithin, mode } from "../support/faults.ts";
import {
  type Answer,
  type Control,
  type Fault,
  type Mode,
  output,
  type Scenario,
  Simulation,
} from "../support/simulation.ts";
import { type Case, cases, problemsOf } from "./scenarios.ts";

const work = node("work", { input: z.string(), output: z.string() });

const calm: Mode = { dies: "process", durable: "each write" };
const modes: readonly (readonly [string, Mode])[] = [
  ["", calm],
  [", each turn's writes on disk together", { dies: "process", durable: "each turn" }],
  [", every message sent twice", { dies: "process", durable: "each write", twice: "sent" }],
  [", every message delivered to two at once", { dies: "process", durable: "each write", twice: "delivered" }],
];
const caseOf = (name: string): Case => {
  const found = cases.find((c) => c.name === name);
  if (!found) throw new Error(`no case is called ${name}`);
  return found;
};
const chain = caseOf("a chain with inline steps");
const fork = caseOf("a parallel with an empty branch and another parallel in it");
const lanes = caseOf("a map with fewer lanes than items");
const sending = caseOf("a workflow whose events start another one");
const failing = caseOf("a branch that fails while another runs");
const exhausted = caseOf("a step that fails until its attempts are used up");

const pause: ControlRequest = { kind: "pause" };
const resume: ControlRequest = { kind: "resume" };
const cancel: ControlRequest = { kind: "cancel", reason: "enough" };
const heal: ControlRequest = { kind: "heal" };
const redrive: ControlRequest = { kind: "redrive" };
const purge = { kind: "purge" } as const;
const RUNS = Number(process.env.CONTROL_RUNS ?? 200);

/** One placement of what is asked. */
interface Placed extends Pick<Scenario, "controls" | "atRest"> {
  readonly faults?: readonly Fault[];
}
type Judge = (sim: Simulation) => readonly string[];

/** Runs each placement; what went wrong, with where it was asked. */
async function placed(
  { scenario, judge, mode = calm }: { scenario: Scenario; judge: Judge; mode?: Mode },
  placements: (calls: number) => Iterable<Placed>,
): Promise<string[]> {
  const { calls } = await new Simulation(scenario, mode).run();
  const wrong: string[] = [];
  for (const { faults = [], ...more } of placements(calls.length)) {
    const sim = await new Simulation({ ...scenario, ...more }, mode, faults).run();
    const asked = (more.controls ?? []).map(({ at, ask, held }) => `${ask.kind} at ${at}${held ? " (held)" : ""}`);
    const died = faults.map(({ at, when }) => `dies ${when} ${at}`);
    const where = [...asked, ...died].map((what, i) => `${what} ${sim.calls[(more.controls?.[i]?.at ?? 0) - 1] ?? ""}`);
    for (const problem of judge(sim)) wrong.push(`${where.join(", ")}: ${problem} ${JSON.stringify(sim.answers)}`);
    if (wrong.length > 10) break;
  }
  return wrong.slice(0, 10);
}

function* everywhere(calls: number, ...asks: readonly Control["ask"][]): Generator<readonly Control[]> {
  for (let at = 1; at <= calls; at++)
    for (const held of [false, true]) yield asks.map((ask, i) => ({ at, ask, held: held && i === asks.length - 1 }));
}

/** Ended by a cancel, unless it was too late for it; nothing was done twice, and nothing is left open. */
const cancelled =
  (c: Case): Judge =>
  (sim) => {
    const { header } = sim.execution(printExecution(c.scenario.start));
    if (sim.answers.some(([, answer]) => answer === "invalid_status")) return problemsOf(c, sim);
    if (header.status !== "cancelled" && header.status !== c.status) return [...sim.wrong, `it is ${header.status}`];
    if (header.status === "cancelled" && header.error?.message !== "enough") return [...sim.wrong, "no reason"];
    return sim.wrong;
  };

describe.each([chain, fork, sending, failing])("$name", (c) => {
  const { scenario } = c;
  const judge: Judge = (sim) => problemsOf(c, sim);

  it.each(modes)(
    "comes to the same end, once, paused at whichever call and resumed when nothing moves%s",
    async (_, mode) => {
      const found = await placed({ scenario, judge, mode }, function* (calls) {
        for (const controls of everywhere(calls, pause)) yield { controls, atRest: [resume] };
      });
      expect(found).toEqual([]);
    },
  );

  it("comes to the same end, once, paused and resumed a few calls later", async () => {
    const found = await placed({ scenario, judge }, function* (calls) {
      for (let at = 1; at <= calls; at++)
        for (let after = 1; after <= 16; after++) {
          const controls = [
            { at, ask: pause, held: true }, // or the execution would be far on before it is paused
            { at: at + after, ask: resume, held: after % 4 > 0 },
          ];
          yield { controls, atRest: [resume] };
        }
    });
    expect(found).toEqual([]);
  });

  it.each(modes)("ends as cancelled, or as it would have, cancelled at whichever call%s", async (_, mode) => {
    const found = await placed({ scenario, judge: cancelled(c), mode }, function* (calls) {
      for (const controls of everywhere(calls, cancel)) yield { controls };
    });
    expect(found).toEqual([]);
  });

  it("ends as cancelled, paused before at whichever call", async () => {
    const found = await placed({ scenario, judge: cancelled(c) }, function* (calls) {
      for (const controls of everywhere(calls, pause)) yield { controls, atRest: [cancel] };
    });
    expect(found).toEqual([]);
  });

  it.each(modes)("is not harmed by a heal, at whichever call%s", async (_, mode) => {
    const found = await placed({ scenario, judge, mode }, function* (calls) {
      for (const controls of everywhere(calls, heal)) yield { controls };
    });
    expect(found).toEqual([]);
  });

  it("comes to the same end, once, when every message is lost at whichever call and it is healed", async () => {
    // An event that is lost with its queue, after who sent it has ended, starts nothing: nobody knows of it any more.
    const all: Judge = c === sending ? (sim) => sim.wrong : judge;
    const found = await placed({ scenario, judge: all }, function* (calls) {
      for (const controls of everywhere(calls, purge)) yield { controls, atRest: [heal, heal] };
      for (const controls of everywhere(calls, purge, heal)) yield { controls, atRest: [heal, heal] };
    });
    expect(found).toEqual([]);
  });

  it("comes to its end when every message is lost while it is cancelled, and it is healed", async () => {
    const some: Judge = c === sending ? (sim) => sim.wrong : cancelled(c);
    const found = await placed({ scenario, judge: some }, function* (calls) {
      for (let at = 1; at <= calls; at++)
        for (const after of [2, 5, 8]) {
          const controls = [
            { at, ask: cancel },
            { at: at + after, ask: purge },
          ];
          yield { controls, atRest: [heal, heal] };
        }
    });
    expect(found).toEqual([]);
  });
});

/** How often each step settles depends on how often it was redriven. */
const once = ({ steps: _, ...c }: Case): Case => c;
const ending = ({ name, scenario }: Case, output: Json): Case => ({ name, scenario, status: "succeeded", output });

/** What ran more often than once, of nodes that are claimed. */
const ranAgain = (sim: Simulation): readonly string[] => {
  const claimed = sim.runs.filter(({ node }) => !node.startsWith("repeated")).map(({ step }) => step.path);
  return [...new Set(claimed.filter((path, i) => claimed.indexOf(path) !== i))].map((path) => `${path} ran again`);
};

describe("a redrive", () => {
  it.each([chain, fork, lanes])("goes on with $name where it was cancelled, and runs nothing again", async (c) => {
    const judge: Judge = (sim) => [...problemsOf(once(c), sim), ...ranAgain(sim)];
    const found = await placed({ scenario: c.scenario, judge }, function* (calls) {
      for (const controls of everywhere(calls, cancel)) yield { controls, atRest: [redrive] };
    });
    expect(found).toEqual([]);
  });

  /** Fails until it is mended, at the moment of the redrive. */
  const mending = (c: Case, node: string): Scenario => {
    let mended = false;
    const { handlers } = c.scenario;
    const answer: Answer = (call, sleep) =>
      mended ? output(`${call.input}>${call.step.path}`) : (handlers[node] as Answer)(call, sleep);
    const mend = () => {
      mended = true;
      return redrive;
    };
    return { ...c.scenario, handlers: { ...handlers, [node]: answer }, atRest: [mend] };
  };

  it.each([
    ["a branch that had failed", failing, "broken", ">after"],
    ["a step whose attempts were used up", exhausted, "flaky", "in>a>b>c"],
  ] as const)("goes on with %s, wherever its process dies", async (_, c, node, wanted) => {
    const expected = ending(c, wanted);
    const calmly = await new Simulation(mending(c, node), calm).run();
    const rerun = ranAgain(calmly).filter((what) => !what.startsWith("p/bad/bad") && !what.startsWith("b "));
    expect([...problemsOf(expected, calmly), ...rerun]).toEqual([]);
    const wrong: string[] = [];
    for (const [, mode] of modes.slice(0, 2))
      for (const fault of deaths(calmly.calls.length)) {
        const sim = await new Simulation(mending(c, node), mode, [fault]).run();
        for (const problem of problemsOf(expected, sim)) wrong.push(`dies ${fault.when} ${fault.at}: ${problem}`);
      }
    expect(wrong.slice(0, 10)).toEqual([]);
  });

  const fromB: ControlRequest = { kind: "redrive", from: "b", input: "new" };
  const again = ending(chain, ["new>b", "in>a+new>b>c>d>e"]);
  /** As before, if the request for the redrive was lost. */
  const either: Judge = (sim) => problemsOf(sim.execution("chain/1").header.epoch === 0 ? chain : again, sim);

  it("from a step on, with an input, keeps what was before, wherever its process dies", async () => {
    const scenario = { ...chain.scenario, atRest: [fromB] };
    const calmly = await new Simulation(scenario, calm).run();
    expect(problemsOf(again, calmly)).toEqual([]);
    const ran = calmly.runs.map(({ step: { path, epoch } }) => `${path} ${epoch}`);
    expect(ran).toEqual(["a 0", "b 0", "c 0", "d 0", "e 0", "b 1", "c 1", "d 1", "e 1"]);
    const judge: Judge = (sim) => problemsOf(again, sim);
    for (const [, mode] of modes.slice(0, 2))
      expect(
        await placed({ scenario, judge, mode }, function* (calls) {
          for (const fault of deaths(calls)) yield { faults: [fault] };
        }),
      ).toEqual([]);
  });

  it("of a branch leaves the others as they are", async () => {
    const atRest: readonly ControlRequest[] = [{ kind: "redrive", from: "p/left/b", input: "new" }];
    const sim = await new Simulation({ ...fork.scenario, atRest }, calm).run();
    expect(sim.wrong).toEqual([]);
    expect(sim.execution("fork/1").output).toEqual([
      {
        left: "new>p/left/b>p/left/c",
        none: "in>a",
        right: "in>a>p/right/d",
        both: { x: "in>a>p/both/q/x/e", y: "in>a>p/both/q/y/f" },
      },
      "new>p/left/b>p/left/c>g",
    ]);
    const second = sim.runs.filter(({ step }) => step.epoch === 1).map(({ step }) => step.path);
    expect(second).toEqual(["p/left/b", "p/left/c", "g"]);
    expect(sim.runs).toHaveLength(7 + second.length); // repeatable ones that have settled do not run again either
  });

  it("that is cancelled, and redriven once more, comes to its end", async () => {
    const found = await placed({ scenario: { ...chain.scenario, atRest: [fromB] }, judge: either }, function* (calls) {
      for (const controls of everywhere(calls, cancel)) yield { controls, atRest: [redrive, fromB, redrive, redrive] };
    });
    expect(found).toEqual([]);
  });

  it("of a step whose output stands does not run it again, however often what follows it fails or is cancelled", async () => {
    const shaky = () => {
      let mended = false;
      const { program } = workflow("shaky", { input: z.string() })
        .task(work.as("a"))
        .set("note", (s) => {
          if (!mended) throw new Error("not yet");
          return `${s.a}!`;
        })
        .task(work.as("b"), { input: (s) => s.note });
      const mend = () => {
        mended = true;
        return redrive;
      };
      const atRest = [redrive, cancel, redrive, mend, redrive, redrive];
      const handlers = { work: (call) => output(`${call.input}>${call.step.path}`) } satisfies Record<string, Answer>;
      return { programs: [program], handlers, start: { workflow: "shaky", id: "1", input: "in" }, atRest };
    };
    const { calls } = await new Simulation(shaky(), calm).run();
    for (const controls of everywhere(calls.length, cancel)) {
      const sim = await new Simulation({ ...shaky(), controls }, calm).run();
      const ran = sim.runs.map(({ step }) => step.path);
      const { output } = sim.execution("shaky/1");
      const where = JSON.stringify(controls);
      expect([where, sim.wrong, output, ran]).toEqual([where, [], "in>a!>b", ["a", "b"]]);
    }
  });

  it("comes to its end when every message is lost and it is healed, or it is paused and resumed", async () => {
    const found = await placed({ scenario: { ...chain.scenario, atRest: [fromB] }, judge: either }, function* (calls) {
      for (const controls of everywhere(calls, purge)) yield { controls, atRest: [heal, fromB, heal] };
      for (const controls of everywhere(calls, pause)) yield { controls, atRest: [resume, fromB, resume] };
    });
    expect(found).toEqual([]);
  });
});

function* deaths(calls: number): Generator<Fault> {
  for (let at = 1; at <= calls; at++) for (const when of ["before", "after"] as const) yield { at, when };
}

describe("any of them", () => {
  const some = { chain, fork, lanes, failing, exhausted };
  const from = { chain: "b", fork: "p/left/b", lanes: "pack/1/weigh", failing: "p/quick/quick", exhausted: "a" };
  const asks = [pause, resume, cancel, heal, redrive, purge, "from"] as const;
  const control = fc.record({
    at: fc.integer({ min: 1, max: 240 }),
    ask: fc.integer({ min: 0, max: asks.length - 1 }),
    held: fc.boolean(),
  });
  const arbitrary = {
    of: fc.constantFrom(...(Object.keys(some) as (keyof typeof some)[])),
    mode,
    asked: fc.array(control, { maxLength: 4 }),
    faults: fc.array(faultWithin(240), { maxLength: 2 }),
  };

  // Some of what is asked on the way may come only now.
  const lastly = [1, 2, 3, 4, 5].flatMap(() => [resume, heal, redrive]);

  it("comes to its end, whatever is asked on the way, in whatever order, with deaths and stalls between", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(arbitrary), async ({ of, mode, asked, faults }) => {
        const over: ControlRequest = { kind: "redrive", from: from[of] };
        const controls = asked.map(({ ask: n, ...at }) => {
          const ask = asks[n] ?? heal;
          return { ...at, ask: ask === "from" ? over : ask };
        });
        const c = some[of];
        const atRest = [over, resume, heal, over, ...lastly];
        const sim = await new Simulation({ ...c.scenario, controls, atRest }, mode, faults).run();
        const where = [...controls.map(({ at }) => at), ...faults.map(({ at }) => at)].map((at) => sim.calls[at - 1]);
        const told = { answers: sim.answers, where };
        expect({ wrong: problemsOf(once(c), sim), ...told }).toEqual({ wrong: [], ...told });
      }),
      { numRuns: RUNS },
    );
  });
});
