/** What a signal carries, by its contract: looked at where it is sent, if the code is at hand, and where it arrives. */
import { PawlError } from "../errors.ts";
import { contractOfSignal } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { Program } from "../model/program.ts";
import { problemOf } from "./decide.ts";

/**
 * What the schema lets through, without the properties that it does not know.
 *
 * @throws PawlError `unknown_signal`, `invalid_signal`
 */
export function signalData(
  { graph, signals }: Program,
  { signal, data }: { readonly signal: string; readonly data: Json },
): Json {
  const name = contractOfSignal(signal);
  const contract = Object.hasOwn(signals, name) ? signals[name] : undefined;
  if (!contract) {
    const known = Object.keys(signals).sort().join(", ") || "none";
    throw new PawlError(
      "unknown_signal",
      `'${graph.workflow}' waits for no signal '${signal}'; those that it waits for: ${known}`,
      { workflow: graph.workflow, signal },
    );
  }
  const problem = problemOf(contract.data, data);
  if (problem)
    throw new PawlError("invalid_signal", `the data of the signal '${signal}' breaks its schema: ${problem}`, {
      signal,
    });
  return contract.data.parse(data) as Json;
}
