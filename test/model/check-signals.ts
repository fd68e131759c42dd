/** Each signal that came is one wait's, or is kept for the next one; and nobody waits where one is kept. */
import type { StepLog } from "./log.ts";
import { Violation } from "./violation.ts";

export function checkSignals(log: StepLog): void {
  const had = new Map<string, number>();
  for (const { signal } of log.decisions.values())
    if (signal !== undefined) had.set(signal, (had.get(signal) ?? 0) + 1);
  for (const { letters, waiting, known } of log.mailboxes) {
    const kept = letters.filter(({ place }) => !place);
    if (waiting.length > 0 && kept.length > 0)
      throw new Violation(`${waiting[0]?.key} waits, and ${kept[0]?.id} is kept`);
    for (const { id, place } of letters)
      if (place && log.decisions.get(place.key)?.signal !== id)
        throw new Violation(`${id} is for ${place.key}, and nobody has told it`);
    for (const id of known) {
      const times = (had.get(id) ?? 0) + kept.filter((it) => it.id === id).length;
      if (times !== 1) throw new Violation(`the signal ${id} was had ${times} times`);
    }
  }
}
