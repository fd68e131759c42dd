/** What is asked of an execution on its way, at whichever port call: it comes to a right end, and nothing happens twice. */
import { describe, expect, it } from "vitest";
import { printExecution } from "../../lib/contract/ids.ts";
import type { ControlRequest } from "../../lib/engine/requests.ts";
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
        for (const after of [1, 2, 3, 5, 8])
          yield {
            controls: [
              { at, ask: pause },
              { at: at + after, ask: resume },
            ],
            atRest: [resume],
          };
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

/** What ran more often than once, of nodes that are claimed. */
const ranAgain = (sim: Simulation): readonly string[] => {
  const claimed = sim.runs.filter(({ node }) => !node.startsWith("repeated")).map(({ step }) => step.path);
  return [...new Set(claimed.filter((path, i) => claimed.indexOf(path) !== i))].map((path) => `${path} ran again`);
};

describe("a redrive", () => {
  it.each([chain, fork, lanes])("goes on with $name where it was cancelled, and runs nothing again", async (c) => {
    const judge: Judge = (sim) => [...problemsOf({ ...c, steps: undefined }, sim), ...ranAgain(sim)];
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
    const expected: Case = {
      ...c,
      status: "succeeded",
      error: undefined,
      output: wanted,
      steps: undefined,
      also: undefined,
    };
    const once = await new Simulation(mending(c, node), calm).run();
    const rerun = ranAgain(once).filter((what) => !what.startsWith("p/bad/bad") && !what.startsWith("b "));
    expect([...problemsOf(expected, once), ...rerun]).toEqual([]);
    const wrong: string[] = [];
    for (const [, mode] of modes.slice(0, 2))
      for (const fault of deaths(once.calls.length)) {
        const sim = await new Simulation(mending(c, node), mode, [fault]).run();
        for (const problem of problemsOf(expected, sim)) wrong.push(`dies ${fault.when} ${fault.at}: ${problem}`);
      }
    expect(wrong.slice(0, 10)).toEqual([]);
  });

  const fromB: ControlRequest = { kind: "redrive", from: "b", input: "new" };
  const again: Case = { ...chain, output: ["new>b", "in>a+new>b>c>d>e"], steps: undefined };
  /** As before, if the request for the redrive was lost. */
  const either: Judge = (sim) => problemsOf(sim.execution("chain/1").header.epoch === 0 ? chain : again, sim);

  it("from a step on, with an input, keeps what was before, wherever its process dies", async () => {
    const scenario = { ...chain.scenario, atRest: [fromB] };
    const once = await new Simulation(scenario, calm).run();
    expect(problemsOf(again, once)).toEqual([]);
    const ran = once.runs.map(({ step: { path, epoch } }) => `${path} ${epoch}`);
    expect(ran).toEqual(["a 0", "b 0", "c 0", "d 0", "e 0", "b 1", "c 1", "d 1", "e 1"]);
    const judge: Judge = (sim) => problemsOf(again, sim);
    for (const [, mode] of modes)
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
