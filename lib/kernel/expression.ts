/**
 * Expressions, as the kernel has them evaluated: it says what one sees, whoever asked evaluates it and asks again with the
 * answer. So the kernel stays pure, and knows no language.
 */
import type { Dialect, Expression, Seen } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import type { Frame } from "./address.ts";
import type { Bindings, ValueRef } from "./record.ts";
import { ABSENT, INPUT_REF, itemRef, type Read } from "./ref.ts";

/** One evaluation: of an expression at a place, once for each decision. */
export interface Asked {
  readonly id: string;
  readonly expression: Expression;
  readonly seen: Seen;
}
export type Answer =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "threw"; readonly code: string; readonly message: string };
/** By the id of what was asked. */
export type Answers = ReadonlyMap<string, Answer>;

/** Where an expression stands. */
export interface Standing {
  readonly frames: readonly Frame[];
  readonly bind: Bindings;
  readonly read: Read;
  readonly path: string;
  /** Its part in the state. */
  readonly role: string;
  readonly nowMs: number;
  /** What the state has made. */
  readonly result?: Json;
  /** Of a task. */
  readonly attempt?: number;
}

export type Asking =
  | { readonly kind: "asked"; readonly asked: Asked }
  | { readonly kind: "missing"; readonly ref: ValueRef };

export function askFor(expression: Expression, at: Standing): Asking {
  const missing: { ref?: ValueRef } = {};
  const look = (ref: ValueRef): Json => {
    const value = at.read(ref);
    if (value !== ABSENT) return value ?? null;
    missing.ref ??= ref;
    return null;
  };
  const text = JSON.stringify(expression.source);
  const seen: Seen = {
    input: look(at.bind.prev),
    ...(at.result !== undefined && { result: at.result }),
    variables: variablesIn(text, at, look),
    context: contextOf(text, at, look),
  };
  if (missing.ref !== undefined) return { kind: "missing", ref: missing.ref };
  return { kind: "asked", asked: { id: `${at.path} ${at.role}`, expression, seen } };
}

/** As bindings have it: no state's name begins so. */
export const variableKey = (prefix: string, name: string): string => `${prefix}$${name}`;

/** Those that the text may name, the innermost of each. */
function variablesIn(text: string, { frames, bind }: Standing, look: (ref: ValueRef) => Json): Seen["variables"] {
  const variables: Record<string, Json> = {};
  for (const { prefix } of [...frames].reverse())
    for (const [key, ref] of Object.entries(bind.refs ?? {})) {
      if (!key.startsWith(`${prefix}$`)) continue;
      const name = key.slice(prefix.length + 1);
      if (!Object.hasOwn(variables, name) && text.includes(`$${name}`)) variables[name] = look(ref);
    }
  return variables;
}

/** What the log knows of it; whoever evaluates adds what else there is. The input is loaded where it may be asked for. */
function contextOf(text: string, at: Standing, look: (ref: ValueRef) => Json): Json {
  if (!/\$\$|context/.test(text)) return { State: { EnteredTime: new Date(at.nowMs).toISOString(), Name: at.path } };
  const map = at.frames.findLast(({ owner }) => owner?.state.kind === "map")?.owner;
  const items = map && at.bind.maps?.[map.path]?.items;
  const index = Number(map?.branch);
  return {
    State: {
      EnteredTime: new Date(at.nowMs).toISOString(),
      Name: at.path,
      ...(at.attempt !== undefined && { RetryCount: at.attempt - 1 }),
    },
    Execution: { Input: look(INPUT_REF) },
    ...(items !== undefined && { Map: { Item: { Index: index, Value: look(itemRef(items, index)) } } }),
  };
}

export type Named = Pick<Dialect, "nameError" | "matches">;
