/** What a function of a case does. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "../../lib/model/json.ts";
import type { Behaviour } from "./case.ts";

export type Call = (input: Json) => Promise<Json>;

/** A fresh one for each run: a sequence counts. */
export function behaving(behaviour: Behaviour): Call {
  if (behaviour.kind !== "sequence") return (input) => behave(behaviour, input);
  const calls = behaviour.of.map(behaving);
  let next = 0;
  return (input) => {
    const call = calls[Math.min(next++, calls.length - 1)];
    if (!call) throw new Error("a sequence of nothing");
    return call(input);
  };
}

async function behave(behaviour: Exclude<Behaviour, { kind: "sequence" }>, input: Json): Promise<Json> {
  switch (behaviour.kind) {
    case "echo":
      return input;
    case "return":
      return behaviour.value;
    case "return-string":
      return behaviour.char.repeat(behaviour.times);
    case "prefix":
      return `${behaviour.prefix}${String(input)}`;
    case "raise":
      throw Object.assign(new Error(behaviour.message), { name: behaviour.error });
    case "missing":
      throw Object.assign(new Error("Function not found"), { name: "Lambda.ResourceNotFoundException" });
    case "sleep":
      await sleep(behaviour.seconds * 1000);
      return behaving(behaviour.then)(input);
  }
}

/** Why it cannot be run; undefined where it can. */
export function unknownBehaviour(given: unknown): string | undefined {
  const { kind, ...of } = (typeof given === "object" && given !== null ? given : {}) as Partial<Behaviour>;
  if (kind === undefined || !KINDS.has(kind)) return `it behaves as nobody here knows: ${JSON.stringify(given)}`;
  if (kind === "sleep") return unknownBehaviour((of as { then?: unknown }).then);
  if (kind !== "sequence") return undefined;
  const { of: all } = of as { of?: unknown };
  if (!Array.isArray(all) || all.length === 0) return "it is a sequence of nothing";
  return all.map(unknownBehaviour).find((why) => why !== undefined);
}

const KINDS: ReadonlySet<string> = new Set<Behaviour["kind"]>([
  ...(["echo", "missing", "return", "return-string", "prefix", "raise", "sleep", "sequence"] as const),
]);
