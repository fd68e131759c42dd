/** The people of a demo: they tell an execution what its sample says, one thing after another, as they would by `pawl signal`. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseExecution } from "../contract/ids.ts";
import { messageOf } from "../errors.ts";
import type { EmbeddedEngine } from "../local/open-engine.ts";
import type { Told } from "./demo-samples.ts";

/** So long they take, unless the sample says how long. */
const MOMENT_SECONDS = 0.2;

/** @returns what went wrong, one line each: from the first thing that is refused on, nothing more is told */
export async function tellAll(
  engine: Pick<EmbeddedEngine, "ask">,
  execution: string,
  { people, end }: { readonly people: readonly Told[]; readonly end: AbortSignal },
): Promise<readonly string[]> {
  const name = parseExecution(execution);
  for (const [i, { signal, data, afterSeconds = MOMENT_SECONDS }] of people.entries()) {
    try {
      await sleep(afterSeconds * 1000, undefined, { signal: end });
    } catch {
      return []; // nobody waits for the end any more
    }
    try {
      await engine.ask(name, { kind: "signal", signal, data, id: `sample-${i + 1}` });
    } catch (error) {
      return [`${execution} is told '${signal}', and refuses it: ${messageOf(error)}`];
    }
  }
  return [];
}
