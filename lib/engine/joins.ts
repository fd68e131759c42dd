/** Arrivals at joins: a full one is decided by whoever sees it full. */
import { locate } from "../kernel/address.ts";
import { joinOutput, leafKeys, type Seat, seatOf } from "../kernel/join.ts";
import type { EffectOf } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import { type Invocation, WHOLE, type Whole } from "./context.ts";
import { decideAfter, decideFailed, sizeFailure, Values } from "./decide.ts";
import { goOnAt, type Made } from "./go-on.ts";

export async function arriveAt(inv: Invocation, effect: EffectOf<"arrive">): Promise<Whole> {
  const { log } = inv;
  let seat: Seat | undefined = seatOf(effect.path, effect.member, effect.of);
  while (seat && (await log.arrive(inv.execution, seat, effect.output))) {
    if (!seat.above) return goOnAt(inv, effect.path, (key) => joined(inv, key, effect));
    seat = seat.above;
  }
  return WHOLE;
}

async function joined(inv: Invocation, key: string, { path, of, bind }: EffectOf<"arrive">): Promise<Made> {
  // What was undone makes nothing.
  if (bind.undo) return decideAfter(inv, { key }, path, bind);
  const state = locate(inv.program.graph, path)?.state;
  if (!state) throw new Error(`no state at ${path}`);
  const made = joinOutput(state, path, await collect(inv, path, of));
  if ("error" in made) return decideFailed(inv, { key }, made.error, bind);
  const { output } = made;
  const { limits } = inv.context;
  const failed = sizeFailure(`the output of '${path}'`, output, { path, limits });
  return failed ?? { ...(await decideAfter(inv, { key, output }, path, bind)), output };
}

async function collect(inv: Invocation, path: string, of: number): Promise<ReadonlyMap<number, Json>> {
  const { log } = inv;
  const values = new Values(inv);
  const outputs = new Map<number, Json>();
  for (const key of leafKeys(path, of)) {
    const set = await log.read(inv.execution, key);
    if (set?.kind !== "join") throw new Error(`${key} is no set`);
    for (const [member, ref] of Object.entries(set.members)) {
      const value = await values.load(ref);
      if (value === undefined) throw new Error(`nothing lies at ${ref}, where ${key} says its member ${member} does`);
      outputs.set(Number(member), value);
    }
  }
  return outputs;
}
