/** What is asked of an execution on its way, at whichever port call: it comes to a right end, and nothing happens twice. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { printExecution } from "../../lib/contract/ids.ts";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { node, workflow } from "../../lib/index.ts";
import { hasEnded } from "../../lib/kernel/record.ts";
import {
  type Answer,
  type Control,
  type Fault,
  failure,
  type Mode,
  output,
  type Scenario,
  Simulation,
} from "../support/simulation.ts";
import { type Case, cases, problemsOf } from "./scenarios.ts";

const calm: Mode = { dies: "process", durable: "each write" };
const whole: readonly (readonly [string, Mode])[] = [
  ["", calm],
  [", each turn's writes on disk together", { dies: "process", durable: "each turn" }],
  [", every message sent twice", { dies: "process", durable: "each write", twice: "sent" }],
  [", every message delivered to two at once", { dies: "process", durable: "each write", twice: "delivered" }],
];
const named = (...names: readonly string[]): readonly Case[] => cases.filter(({ name }) => names.includes(name));
const some = named(
  "a chain with inline steps",
  "a parallel with an empty branch and another parallel in it",
  "a map with fewer lanes than items",
  "a workflow whose events start another one",
  "a branch that fails while another runs",
  "failures and a crash that are tried again",
);

const [pause, resume, cancel, heal, redrive]: readonly ControlRequest[] = [
  { kind: "pause" },
  { kind: "resume" },
  { kind: "cancel", reason: "enough" },
  { kind: "heal" },
  { kind: "redrive" },
] as const;
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

describe.each(some)("$name", (c) => {
  const { scenario } = c;
  const judge: Judge = (sim) => problemsOf(c, sim);

  it.each(whole)(
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

  it.each(whole)("ends as cancelled, or as it would have, cancelled at whichever call%s", async (_, mode) => {
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

  it.each(whole)("is not harmed by a heal, at whichever call%s", async (_, mode) => {
    const found = await placed({ scenario, judge, mode }, function* (calls) {
      for (const controls of everywhere(calls, heal)) yield { controls };
    });
    expect(found).toEqual([]);
  });

  it("comes to the same end, once, when every message is lost at whichever call and it is healed", async () => {
    const found = await placed({ scenario, judge }, function* (calls) {
      for (const controls of everywhere(calls, purge)) yield { controls, atRest: [heal] };
      for (const controls of everywhere(calls, purge, heal)) yield { controls, atRest: [heal] };
    });
    expect(found).toEqual([]);
  });

  it("comes to its end when every message is lost while it is cancelled, and it is healed", async () => {
    const found = await placed({ scenario, judge: cancelled(c) }, function* (calls) {
      for (let at = 1; at <= calls; at++)
        for (const after of [2, 4, 6, 8])
          yield {
            controls: [
              { at, ask: cancel },
              { at: at + after, ask: purge },
            ],
            atRest: [heal],
          };
    });
    expect(found).toEqual([]);
  });
});
