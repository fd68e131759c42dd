import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { z } from "zod";
import type { EventContract, Node, SignalContract, WorkflowContract } from "./contracts.ts";
import type { Dialect } from "./expression.ts";
import type { CallSpec, Graph, NodeSpec } from "./graph.ts";
import type { Json } from "./json.ts";

/** A pure, synchronous function named in the graph. It may run again after a crash: only its recorded result counts. */
// biome-ignore lint/suspicious/noExplicitAny: `s` is typed where the slot is written; here it is whatever the graph names.
export type Slot = (s: any) => unknown;

/** A graph with what its names stand for in the code at hand. */
export interface Program {
  readonly graph: Graph;
  readonly hash: string;
  readonly slots: Readonly<Record<string, Slot>>;
  readonly nodes: Readonly<Record<string, Node>>;
  readonly events: Readonly<Record<string, EventContract>>;
  readonly signals: Readonly<Record<string, SignalContract>>;
  /** The workflows that this one calls. */
  readonly calls: Readonly<Record<string, WorkflowContract>>;
  readonly input: z.ZodType<Json>;
  /** Of a graph with expressions. */
  readonly dialect?: Dialect;
  /** For executions on older graphs. */
  readonly retired?: Retired;
}

/** What older graphs name and the newest does not, with what stands in for it: see `RetiredOptions`. */
export interface Retired {
  /** The contracts whose handlers serve nodes that are gone, by these nodes' names. */
  readonly nodes: Readonly<Record<string, Node>>;
  readonly specs: Readonly<Record<string, NodeSpec>>;
  /** These come before the newest graph's own. */
  readonly slots: Readonly<Record<string, Slot>>;
  /** Those among them that are a slot of the newest graph, by the name it has there. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly events: Readonly<Record<string, EventContract>>;
  readonly signals: Readonly<Record<string, SignalContract>>;
  readonly calls: Readonly<Record<string, WorkflowContract>>;
  readonly callSpecs: Readonly<Record<string, CallSpec>>;
}

/** The code at hand, for an execution that keeps an older graph. */
export function onGraph(newest: Program, graph: Graph, hash: string): Program {
  const { retired } = newest;
  if (!retired) return { ...newest, graph, hash };
  return {
    ...{ ...newest, graph, hash },
    slots: { ...newest.slots, ...retired.slots },
    nodes: { ...newest.nodes, ...retired.nodes },
    events: { ...newest.events, ...retired.events },
    signals: { ...newest.signals, ...retired.signals },
    calls: { ...newest.calls, ...retired.calls },
  };
}

/** The node whose handler serves this one: another one only where it is retired. */
export const servedBy = ({ retired }: Pick<Program, "retired">, node: string): string =>
  retired && Object.hasOwn(retired.nodes, node) ? (retired.nodes[node]?.node ?? node) : node;

/** Every node that has a queue and a function, by name: the graph's own, and those that executions on older graphs need. */
export const servedNodes = ({
  graph,
  retired,
}: Pick<Program, "graph" | "retired">): Readonly<Record<string, NodeSpec>> =>
  retired ? { ...graph.nodes, ...retired.specs } : graph.nodes;

/** Nodes that need a handler. */
export const handledNodes = (program: Pick<Program, "graph" | "retired">): readonly string[] => [
  ...new Set(Object.keys(servedNodes(program)).map((node) => servedBy(program, node))),
];

/**
 * Names a graph: structure, names and schemas, never function text. SHA-256 over the canonical JSON (RFC 8785), 32 hex
 * digits of it, which is enough to tell the graphs of one workflow apart.
 */
export function hashOf(graph: Graph): string {
  const text = canonicalize(graph);
  if (text === undefined) throw new TypeError("a graph is an object");
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
