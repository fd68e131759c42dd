/** Graphs written by hand, for what the builder does not make yet: transitions that go back, states by expression. */

import type { Routable } from "../../lib/kernel/view.ts";
import type { Graph, NodeSpec, Scope, State } from "../../lib/model/graph.ts";
import type { Slot } from "../../lib/model/program.ts";

const node: NodeSpec = {
  ...{ name: "work", input: {}, output: {}, errors: [], inline: false, repeatable: false, timeoutMs: 30_000 },
  retry: { maxAttempts: 3, firstDelayMs: 1000, rate: 2, maxDelayMs: 60_000 },
};

/** States in their order; the first one is the start. */
export const scopeOf = (states: Readonly<Record<string, State>>): Scope => ({
  start: Object.keys(states)[0] ?? null,
  states,
});

export const graphOf = (root: Scope, output: Graph["output"] = { kind: "previous" }): Graph => ({
  ...{ format: 1, workflow: "byHand", input: {}, events: {}, signals: {} },
  nodes: { work: node },
  root,
  output,
});

export const routableOf = (root: Scope, slots: Readonly<Record<string, Slot>> = {}): Routable => ({
  graph: graphOf(root),
  slots,
});

export const task = (next: string | null): State => ({ kind: "task", node: "work", input: { kind: "previous" }, next });
export const empty: Scope = { start: null, states: {} };
export const slot = (name: string) => ({ kind: "slot" as const, slot: name });

/** `ask` is visited until `again` says stop; each visit may pass through `note`, a scope of its own. */
export const cyclic: Scope = scopeOf({
  ask: task("again"),
  again: {
    ...{ kind: "choice", pick: slot("again.pick"), next: null },
    branches: { back: { to: "note" }, on: { scope: empty } },
  },
  note: { kind: "block", body: scopeOf({ write: task(null) }), next: "ask" },
});
