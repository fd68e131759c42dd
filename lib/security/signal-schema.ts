/** What a signal's data must be: as the newest code says, for signals of the graph that the execution keeps. */
import { z } from "zod";
import type { Header } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import { onGraph, type Program } from "../model/program.ts";
import type { StepLog } from "../ports/step-log.ts";

/** @param newest undefined: no code of the workflow is at hand, and its graph's JSON Schema does */
export async function signalSchema(
  { log, newest }: { readonly log: Pick<StepLog, "graph">; readonly newest: Program | undefined },
  { graph: hash }: Header,
  signal: string,
): Promise<z.ZodType<Json> | undefined> {
  const graph = newest?.hash === hash ? newest.graph : await log.graph(hash);
  const spec = graph && Object.hasOwn(graph.signals, signal) ? graph.signals[signal] : undefined;
  if (!graph || !spec) return undefined;
  const signals = newest && onGraph(newest, graph, hash).signals;
  const contract = signals && Object.hasOwn(signals, signal) ? signals[signal] : undefined;
  return contract?.data ?? (z.fromJSONSchema(spec.data) as z.ZodType<Json>); // what parses JSON by it gives JSON
}
