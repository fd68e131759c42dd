/** Attempts that are being made in this process, to be told that nothing will come of them. */
import { undoneBy } from "../kernel/address.ts";
import type { StepInfo } from "../ports/handlers.ts";
import { Ending } from "./ending.ts";

export class AttemptsHere {
  readonly #running = new Set<{ readonly step: StepInfo; readonly ending: Ending }>();

  /** Runs an attempt that `abort` tells to end. */
  async with<T>(step: StepInfo, attempt: (ending: Ending) => Promise<T>): Promise<T> {
    const running = { step, ending: new Ending() };
    this.#running.add(running);
    try {
      return await attempt(running.ending);
    } finally {
      this.#running.delete(running);
    }
  }

  /** As in the Handlers port. */
  abort(execution: string, scope: string): void {
    for (const { step, ending } of this.#running)
      if (isToStop(step, execution, scope)) ending.begin("the execution is ending");
  }
}

/** What undoes a step is at work because of the end, not in spite of it. */
const isToStop = (step: StepInfo, execution: string, scope: string): boolean =>
  step.execution === execution &&
  undoneBy(step.path) === undefined &&
  (scope === "" || step.path === scope || step.path.startsWith(`${scope}/`));
