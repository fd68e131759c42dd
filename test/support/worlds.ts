/** Scenarios of the one-process simulation in the world of many workers. */
import type { HandlerOutcome, Handlers } from "../../lib/ports/handlers.ts";
import { printHistory } from "../../lib/testing/world/history.ts";
import { type Plan, printFault } from "../../lib/testing/world/plan.ts";
import type { World, Scenario as Worldly } from "../../lib/testing/world/world.ts";
import type { Answer, Scenario } from "./simulation.ts";

export const answering =
  (answers: Readonly<Record<string, Answer>>) =>
  (sleep: (ms: number) => Promise<void>): Handlers => ({
    run: async (call): Promise<HandlerOutcome> => {
      const answer = answers[call.node];
      if (!answer) throw new Error(`no handler of ${call.node}`);
      return answer(call, sleep);
    },
    abort: () => {},
    stop: async () => {},
  });

export const worldly = ({ programs, handlers, start }: Scenario): Worldly => ({
  programs,
  start,
  handlers: answering(handlers),
});

/** What a plan is called in a failing test. */
export const printPlan = ({ faults, ...circumstances }: Plan): string =>
  `${faults.map(printFault).join(" and ") || "no fault"} (${JSON.stringify(circumstances)})`;

/** For a failing test: the problems, then the timeline. */
export const told = (world: World): string => `${world.wrong.join("\n")}\n${printHistory(world.history)}`;
