import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { z } from "zod";
import type { EventContract, Node, SignalContract, WorkflowContract } from "./contracts.ts";
import type { Graph } from "./graph.ts";
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
}

/**
 * Names a graph: structure, names and schemas, never function text. SHA-256 over the canonical JSON (RFC 8785), 32 hex
 * digits of it, which is enough to tell the graphs of one workflow apart.
 */
export function hashOf(graph: Graph): string {
  const text = canonicalize(graph);
  if (text === undefined) throw new TypeError("a graph is an object");
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
