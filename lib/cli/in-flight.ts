/** The executions of a deployed workflow that have not ended: by graph, and by the states that they are at. */
import { openPlatform, type Platform } from "../adapters/aws/platform.ts";
import { printExecution } from "../contract/ids.ts";
import { frontier } from "../kernel/frontier.ts";
import { ENDED, type ExecutionStatus, type Header, STATUSES } from "../kernel/record.ts";
import type { Graph } from "../model/graph.ts";
import type { InFlight } from "../versions/check-versions.ts";
import { staticPath } from "../versions/may-reach.ts";
import type { DeployedPlace } from "./place.ts";

/** Each is a query of its own: of more than these on one graph, only how many they are is told. */
const MOST_LOOKED_AT = 500;
const PAGE = 1_000;
const AT_ONCE = 20;

export interface Deployed {
  readonly inFlight: ReadonlyMap<string, InFlight>;
  /** Those that they are on. */
  readonly graphs: readonly Graph[];
}

/** The index that they are listed by lags behind by a moment. @throws PawlError `platform_unreachable` */
export async function inFlightOn({ root: _, ...of }: DeployedPlace, workflow: string): Promise<Deployed> {
  const platform = openPlatform(of);
  const byGraph = new Map<string, Header[]>();
  for (const header of await notEnded(platform, workflow))
    byGraph.set(header.graph, [...(byGraph.get(header.graph) ?? []), header]);
  const inFlight = new Map<string, InFlight>();
  const graphs: Graph[] = [];
  for (const [hash, headers] of byGraph) {
    const graph = await platform.log.graph(hash);
    if (graph) graphs.push(graph);
    const at = headers.length > MOST_LOOKED_AT ? undefined : await placesOf(platform, headers);
    inFlight.set(hash, { count: headers.length, ...(at && { at }) });
  }
  return { inFlight, graphs };
}

async function notEnded(platform: Platform, workflow: string): Promise<readonly Header[]> {
  const ended: readonly ExecutionStatus[] = ENDED;
  const all = new Map<string, Header>();
  for (const status of STATUSES.filter((one) => !ended.includes(one))) {
    let before: { readonly startedAtMs: number; readonly execution: string } | undefined;
    for (;;) {
      const page = await platform.log.executions({ workflow, status, limit: PAGE, ...(before && { before }) });
      for (const header of page) all.set(header.id, header);
      const last = page.at(-1);
      if (!last || page.length < PAGE) break;
      before = { startedAtMs: last.startedAtMs, execution: printExecution(last) };
    }
  }
  return [...all.values()];
}

/** Undefined: of one of them it cannot be told. */
async function placesOf(
  platform: Platform,
  headers: readonly Header[],
): Promise<Readonly<Record<string, number>> | undefined> {
  const at: Record<string, number> = {};
  for (let i = 0; i < headers.length; i += AT_ONCE) {
    const found = await Promise.all(headers.slice(i, i + AT_ONCE).map((header) => openOf(platform, header)));
    for (const paths of found) {
      if (!paths) return undefined;
      for (const path of paths) at[path] = (at[path] ?? 0) + 1;
    }
  }
  return at;
}

async function openOf({ log }: Platform, header: Header): Promise<ReadonlySet<string> | undefined> {
  if (header.epoch > 0) return undefined; // a redriven one goes where it has been
  const records = await log.list(header);
  const open = frontier(records).reached.filter((key) => {
    const record = records.get(key);
    return !(record?.kind === "decision" || (record?.kind === "step" && record.status === "settled"));
  });
  if (open.length === 0) return undefined; // it has not begun, or comes to its end just now
  return new Set(open.map((key) => staticPath(key.slice(key.indexOf("/") + 1))));
}
