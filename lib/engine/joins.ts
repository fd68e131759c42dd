/**
 * Arrivals at joins: a full one is decided by whoever sees it full. Of a large map, whoever fills a set gathers that set's
 * outputs, so that nobody has to read all of them.
 */
import { printResults } from "../contract/ids.ts";
import { tooLarge } from "../contract/limits.ts";
import { locate } from "../kernel/address.ts";
import {
  failedIn,
  failedMember,
  failsWith,
  type Joining,
  joinOutput,
  joinSummary,
  leavesSummary,
  levelsOf,
  rootKey,
  SET_SIZE,
  type Seat,
  seatOf,
  setKeys,
  setRef,
  tooMany,
} from "../kernel/join.ts";
import { chunkOf, listOf } from "../kernel/list.ts";
import { decideKey, type EffectOf, type JoinRecord, type StepError, type ValueRef } from "../kernel/record.ts";
import { valueRef } from "../kernel/ref.ts";
import type { State } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { atOnce } from "./at-once.ts";
import { type Invocation, WHOLE, type Whole } from "./context.ts";
import { decideAfter, decideFailed, payloadBytesOf, Values } from "./decide.ts";
import { goOnAt, type Made } from "./go-on.ts";
import { keepLists } from "./lists.ts";

type Arrival = EffectOf<"arrive">;

/** @param again it may have been decided since */
export async function arriveAt(inv: Invocation, effect: Arrival, again: boolean): Promise<Whole> {
  const { log, execution, seen } = inv;
  const { path, member, of } = effect;
  const decide = () => goOnAt(inv, path, (key) => joined(inv, key, effect));
  let { output } = effect;
  for (let seat: Seat = seatOf(path, member, of); await log.arrive(execution, seat, output); seat = seat.above) {
    if (!seat.above) return decide();
    if (seen.has(seat.key)) return WHOLE;
    seen.add(seat.key);
    // What would be gathered for it is of no use any more.
    if (again && (await log.read(execution, decideKey(path)))) return decide();
    const up = await passedUp(inv, seat.key, effect);
    if (typeof up !== "string") return goOnAt(inv, path, async () => up);
    output = up;
  }
  return WHOLE;
}

/** What a full set arrives with at the set above; or what follows at once, for the whole would be larger still. */
async function passedUp(inv: Invocation, key: string, { path, of, bind }: Arrival): Promise<ValueRef | Made> {
  const state = stateAt(inv, path);
  const set = await setAt(inv, key);
  const failed = failedIn(state, set);
  if (leavesSummary(state) || !setKeys(path, of).includes(key)) return setRef(failed, key);
  const list = listOf(path, inOrder(await valuesOf(inv, set)));
  const large = sizeError(inv, { path, what: `a part of the output of '${path}'` }, list.items);
  if (large) return decideFailed(inv, { key: decideKey(path) }, large, bind);
  await keepLists(inv, [list]);
  return setRef(failed, valueRef(chunkOf(list.ref, 0).key, "items"));
}

async function joined(inv: Invocation, key: string, { path, of, bind }: Arrival): Promise<Made> {
  // What was undone makes nothing.
  if (bind.undo) return decideAfter(inv, { key }, path, bind);
  const state = stateAt(inv, path);
  const joining: Joining = { state, path, of, failed: failedIn(state, await setAt(inv, rootKey(path))) };
  if (failsWith(joining)) return decideFailed(inv, { key }, tooMany(joining, await firstError(inv, joining)), bind);
  const output = leavesSummary(state)
    ? joinSummary(joining, printResults(inv.execution, path))
    : joinOutput(state, await collect(inv, path, of));
  const large = sizeError(inv, { path, what: `the output of '${path}'` }, output);
  if (large) return decideFailed(inv, { key }, large, bind);
  return { ...(await decideAfter(inv, { key, output }, path, bind)), output };
}

function sizeError(
  inv: Invocation,
  { path, what }: { readonly path: string; readonly what: string },
  output: Json,
): StepError | undefined {
  const message = tooLarge(what, output, payloadBytesOf(inv));
  return message === undefined ? undefined : { code: "payload_too_large", message, path };
}

/** The first failed item's, looked for from the root down: a set knows how many failed below it. */
async function firstError(inv: Invocation, { state, path, of }: Joining): Promise<StepError | undefined> {
  let level = levelsOf(of);
  for (let key = rootKey(path); ; ) {
    const [member, ref] = failedMember(state, await setAt(inv, key)) ?? [];
    if (member === undefined || ref === undefined) return undefined;
    if (level === 0) return ((await valueAtRef(inv, ref)) as unknown as { readonly output: StepError }).output;
    level--;
    key = setKeys(path, of, level)[member] ?? "";
  }
}

async function collect(inv: Invocation, path: string, of: number): Promise<ReadonlyMap<number, Json>> {
  if (of <= SET_SIZE) return valuesOf(inv, await setAt(inv, rootKey(path)));
  const outputs = new Map<number, Json>();
  for (const key of setKeys(path, of, 1))
    for (const [group, gathered] of await valuesOf(inv, await setAt(inv, key))) {
      const { output } = gathered as { readonly output: readonly Json[] }; // as `setRef` labels it
      output.forEach((value, i) => void outputs.set(group * SET_SIZE + i, value));
    }
  return outputs;
}

async function setAt(inv: Invocation, key: string): Promise<JoinRecord> {
  const set = await inv.log.read(inv.execution, key);
  if (set?.kind !== "join") throw new Error(`${key} is no set`);
  return set;
}

async function valuesOf(inv: Invocation, { members }: JoinRecord): Promise<ReadonlyMap<number, Json>> {
  return new Map(
    await atOnce(Object.entries(members), async ([member, ref]) => [Number(member), await valueAtRef(inv, ref)]),
  );
}

async function valueAtRef(inv: Invocation, ref: ValueRef): Promise<Json> {
  const value = await new Values(inv).load(ref);
  if (value === undefined) throw new Error(`nothing lies at ${ref}, where a member of a set is said to`);
  return value;
}

const inOrder = (outputs: ReadonlyMap<number, Json>): readonly Json[] =>
  [...outputs].sort(([a], [b]) => a - b).map(([, value]) => value);

function stateAt(inv: Invocation, path: string): State {
  const state = locate(inv.program.graph, path)?.state;
  if (!state) throw new Error(`no state at ${path}`);
  return state;
}
