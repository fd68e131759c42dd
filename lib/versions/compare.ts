/**
 * Two versions of a workflow compared: the graph that executions may be on, with the code that is to carry them on.
 * Pure. What it cannot see: what functions in the graph do with what they read, and of which type a value is that only a
 * function makes (`set`, `over`): of such it takes that a function of the same name gives what it gave.
 */
import type { Graph } from "../model/graph.ts";
import { hashOf, type Program } from "../model/program.ts";
import { type Change, VERDICTS } from "./change.ts";
import { differencesOf } from "./differences.ts";
import { needsOf } from "./needs.ts";

/** Worst first; none when the graph is the same. */
export function compareVersions(old: Graph, program: Program): readonly Change[] {
  if (old.workflow === program.graph.workflow && hashOf(old) === program.hash) return [];
  const needs = needsOf(old, program);
  const told = new Set(needs.map(({ where, kind }) => `${familyOf(kind)} ${where}`));
  const rest = differencesOf(old, program).filter(
    ({ where, kind, verdict }) => verdict !== "safe" || !told.has(`${familyOf(kind)} ${where}`),
  );
  const order = ({ verdict }: Change): number => -VERDICTS.indexOf(verdict);
  return [...needs, ...rest].toSorted((a, b) => order(a) - order(b));
}

/** `node_removed` and `node_renamed` of one node are told once. */
const familyOf = (kind: Change["kind"]): string => kind.split("_")[0] ?? kind;
