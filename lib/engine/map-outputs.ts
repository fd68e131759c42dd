/** The outputs of a map's items as they lie in the log, a page at a time: also those of a map that leaves no list. */
import { printResults } from "../contract/ids.ts";
import { PawlError } from "../errors.ts";
import { locate } from "../kernel/address.ts";
import type { Generation } from "../kernel/generation.ts";
import { joinOutput, SET_SIZE, setKeys } from "../kernel/join.ts";
import { decideKey, type Header, type LogRecord } from "../kernel/record.ts";
import { recordKeyOf, valueAt } from "../kernel/ref.ts";
import type { Graph, MapState } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { StepLog } from "../ports/step-log.ts";
import { atOnce } from "./at-once.ts";
import { generationOf } from "./generation-log.ts";

export interface MapOutputs {
  /** Of all items. */
  readonly count: number;
  /** In the items' order, from the one that was asked for. Of a map that tolerates failures: each item's result. */
  readonly outputs: readonly Json[];
  /** The first item that is not among them; null: there is none. */
  readonly next: number | null;
}
export interface OutputsQuery {
  /** The path of the map: `pack`, or `orders/3/pack`. */
  readonly path: string;
  readonly from: number;
  readonly limit: number;
}
export const MOST_OUTPUTS = 1000;

interface Read {
  readonly log: Pick<StepLog, "read">;
  readonly header: Header;
  readonly generation: Generation;
}

/** @throws PawlError `usage` when no map has come to its end there */
export async function readOutputs(
  log: Pick<StepLog, "read">,
  { header, graph }: { readonly header: Header; readonly graph: Graph | undefined },
  { path, from, limit }: OutputsQuery,
): Promise<MapOutputs> {
  const of = { log, header, generation: await generationOf(log, header, header.epoch) };
  const state = graph && locate(graph, path)?.state;
  const decided = await recordAt(of, decideKey(path));
  const left = decided?.kind === "decision" ? decided.output : undefined;
  if (state?.kind !== "map" || left === undefined)
    throw new PawlError("usage", `no map has come to its end at ${printResults(header, path)}`, { path });
  refuseOthers(header, path, left);
  const count = Array.isArray(left) ? left.length : (left as { readonly count: number }).count;
  const to = Math.min(count, from + limit);
  const outputs = Array.isArray(left)
    ? (left as readonly Json[]).slice(from, to)
    : await fromSets(of, { path, state, count }, [from, to]);
  return { count, outputs, next: to < count ? to : null };
}

/** A fork has what a map left, and not where that lies. */
function refuseOthers(header: Header, path: string, left: Json): void {
  const { results } = left as { readonly results?: string };
  if (Array.isArray(left) || results === printResults(header, path)) return;
  throw new PawlError("usage", `the outputs of ${printResults(header, path)} lie at ${results}`, { path });
}

interface Lying {
  readonly path: string;
  readonly state: MapState;
  readonly count: number;
}

async function fromSets(
  of: Read,
  { path, state, count }: Lying,
  [from, to]: readonly [number, number],
): Promise<readonly Json[]> {
  const keys = setKeys(path, count).slice(Math.floor(from / SET_SIZE), Math.ceil(to / SET_SIZE));
  const sets = await atOnce(keys, (key) => recordAt(of, key));
  const members = sets.flatMap((set) => Object.entries(set?.kind === "join" ? set.members : {}));
  const wanted = members.map(([member, ref]) => [Number(member) - from, ref] as const);
  const values = await atOnce(
    wanted.filter(([i]) => i >= 0 && i < to - from),
    async ([i, ref]) => [i, valueAt(ref, await recordAt(of, recordKeyOf(ref))) ?? null] as const,
  );
  return joinOutput(state, new Map(values)) as readonly Json[]; // a map's
}

const recordAt = ({ log, header, generation }: Read, key: string): Promise<LogRecord | undefined> =>
  log.read(header, generation.place(key));
