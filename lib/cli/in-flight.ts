/** The executions of a deployed workflow that have not ended: by graph, and by the states that they are at. */
import { openPlatform, type Platform } from "../adapters/aws/platform.ts";
import { printExecution } from "../contract/ids.ts";
import { generationOf } from "../engine/generation-log.ts";
import { undoneBy } from "../kernel/address.ts";
import { frontier, type Lasting } from "../kernel/frontier.ts";
import { ENDED, type ExecutionStatus, type Header, STATUSES } from "../kernel/record.ts";
import type { Graph } from "../model/graph.ts";
import type { StepLog } from "../ports/step-log.ts";
import type { InFlight } from "../versions/check-versions.ts";
import { ANYWHERE, staticPath, UNDOING } from "../versions/may-reach.ts";
import type { DeployedPlace } from "./place.ts";

/** Each is a query of its own: of more than these on one graph, only how many they are is told. */
const MOST_LOOKED_AT = 500;
const PAGE = 1_000;
const AT_ONCE = 20;

export interface Deployed {
  readonly inFlight: ReadonlyMap<string, InFlight>;
  /** Those that they are on, and the newest: what starts until the next deployment is on that one. */
  readonly graphs: readonly Graph[];
  /** Some of them run for a key, so others may wait for theirs: these have a graph already, and no header yet. */
  readonly keyed: boolean;
}

/** The index that they are listed by lags behind by a moment. @throws PawlError `platform_unreachable` */
export async function inFlightOn({ root: _, ...of }: DeployedPlace, workflow: string): Promise<Deployed> {
  const platform = openPlatform(of);
  const byGraph = new Map<string, Header[]>();
  const headers = await notEnded(platform, workflow);
  for (const header of headers) byGraph.set(header.graph, [...(byGraph.get(header.graph) ?? []), header]);
  const inFlight = new Map<string, InFlight>();
  for (const [hash, headers] of byGraph) {
    const at = headers.length > MOST_LOOKED_AT ? undefined : await placesOf(platform, headers);
    inFlight.set(hash, { count: headers.length, ...(at && { at }) });
  }
  const newest = (await platform.workflows()).get(workflow);
  const hashes = new Set([...(newest === undefined ? [] : [newest]), ...byGraph.keys()]);
  const graphs = await Promise.all([...hashes].map((hash) => platform.log.graph(hash)));
  const keyed = headers.some(({ trigger }) => "key" in trigger && trigger.key !== undefined);
  return { inFlight, graphs: graphs.filter((graph) => graph !== undefined), keyed };
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

async function placesOf(platform: Platform, headers: readonly Header[]): Promise<Readonly<Record<string, number>>> {
  const at: Record<string, number> = {};
  for (let i = 0; i < headers.length; i += AT_ONCE) {
    const found = await Promise.all(headers.slice(i, i + AT_ONCE).map((header) => whereIs(platform.log, header)));
    for (const path of found.flat()) at[path] = (at[path] ?? 0) + 1;
  }
  return at;
}

/** Static paths of the states that an execution is at. */
export async function whereIs(log: Pick<StepLog, "read" | "list">, header: Header): Promise<readonly string[]> {
  // Nothing follows any more, and what has run is taken back.
  if (header.status === "stopping" || header.status === "stuck") return [UNDOING];
  const generation = await generationOf(log, header, header.epoch);
  const { steps, undecided } = frontier(generation.view(await log.list(header)));
  const paths = [...steps, ...undecided].map((effect) => staticPath(stateOf(effect)));
  return paths.length === 0 ? [ANYWHERE] : [...new Set(paths)];
}

/** The state that is not done. What is being undone is counted by its task. */
function stateOf(effect: Lasting): string {
  if (effect.kind === "leave" || effect.kind === "close") return effect.how.path;
  const { path } = effect;
  const scope = path.split("#")[0] ?? path; // how far an undo is, of a race or of all
  return effect.kind === "step" ? (undoneBy(scope) ?? scope) : scope;
}
