/**
 * A definition as a workflow in the builder, where the builder can say all of it: each execution has the same outcome and
 * calls the same functions. Where it cannot, the reasons.
 */
import { DEFAULT_LIFE_MS, LONGEST_LIFE_MS } from "../../model/life.ts";
import type { Definition } from "../definition.ts";
import { functionsIn } from "../functions-in.ts";
import { Calls } from "./calls.ts";
import { Chain } from "./chain.ts";
import { HELPERS } from "./helpers.ts";
import { printFiles } from "./print-files.ts";
import { sameValue } from "./value.ts";
import { machine } from "./walk.ts";
import { nodeNames } from "./words.ts";

export type InBuilder =
  | {
      readonly kind: "builder";
      /** By their names in the workflow's folder. */
      readonly files: ReadonlyMap<string, string>;
      /** By the functions' names. */
      readonly nodes: ReadonlyMap<string, string>;
    }
  /** `state X: why`, each once. */
  | { readonly kind: "kept"; readonly reasons: readonly string[] };

/** @param name of the workflow */
export function toBuilder(name: string, definition: Definition): InBuilder {
  const reasons = new Set<string>();
  const chain = new Chain((state, why) => reasons.add(`state ${state}: ${why}`));
  const { TimeoutSeconds: timeoutSeconds, Comment: comment } = definition;
  const nodes = nodeNames(functionsIn(definition), [name, "json", ...HELPERS]);
  const calls = new Calls(nodes);
  const lifeSeconds = timeoutSeconds ?? DEFAULT_LIFE_MS / 1000;
  if (lifeSeconds * 1000 > LONGEST_LIFE_MS) reasons.add("TimeoutSeconds: an execution lives for 366 days at most");
  machine(definition, chain, { calls, lifeSeconds, above: "JSONPath" });
  const output = chain.isEnded || sameValue(chain.document, chain.previous) ? undefined : chain.document;
  if (output) chain.check(definition.StartAt, output);
  if (reasons.size > 0) return { kind: "kept", reasons: [...reasons] };
  const files = printFiles({ name, comment, timeoutSeconds, nodes: calls.nodes, steps: chain.steps, output });
  return { kind: "builder", files, nodes };
}
