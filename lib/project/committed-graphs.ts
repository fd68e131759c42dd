/**
 * The committed graphs of a workflow, `graphs/<workflow>.json`: the newest one, which the next version is compared with,
 * and those before it that executions may still be on. Functions, queues and permissions are deployed for all of them.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, PawlError } from "../errors.ts";
import type { Graph } from "../model/graph.ts";
import { hashOf } from "../model/program.ts";

export interface Committed {
  readonly graph: Graph;
  /** Newest first. */
  readonly earlier: readonly Graph[];
}

export const GRAPHS = "graphs";
export const committedFile = (folder: string, workflow: string): string => join(folder, `${workflow}.json`);

/** Undefined: there is no such file yet. @throws PawlError `usage` when it is not what `pawl check --update` writes */
export function readCommitted(file: string): Committed | undefined {
  if (!existsSync(file)) return undefined;
  let found: Partial<Committed> | null;
  try {
    found = JSON.parse(readFileSync(file, "utf8")) as Partial<Committed> | null;
  } catch (error) {
    throw unreadable(file, messageOf(error), error);
  }
  const { graph, earlier } = found ?? {};
  if (!isGraph(graph) || !Array.isArray(earlier) || !earlier.every(isGraph))
    throw unreadable(file, "it holds no graphs");
  return { graph, earlier };
}

const isGraph = (value: unknown): value is Graph =>
  typeof value === "object" && value !== null && "format" in value && "root" in value && "nodes" in value;

const unreadable = (file: string, why: string, cause?: unknown): PawlError =>
  new PawlError("usage", `${file} cannot be read: ${why}; write it anew with \`pawl check --update\``, { file }, cause);

export function writeCommitted(file: string, { graph, earlier }: Committed): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ graph, earlier: distinct([graph, ...earlier]).slice(1) }, null, 2)}\n`);
}

export const graphsOf = (committed: Committed | undefined): readonly Graph[] =>
  committed ? distinct([committed.graph, ...committed.earlier]) : [];

/** The first one of each hash. */
function distinct(graphs: readonly Graph[]): readonly Graph[] {
  return [...new Map(graphs.toReversed().map((graph) => [hashOf(graph), graph])).values()].toReversed();
}
