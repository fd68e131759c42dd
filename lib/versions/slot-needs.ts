/**
 * The functions that an older graph names: each must be there, find in `s` what it was written for, and give what the
 * older graph can take.
 */
import type { Graph, State } from "../model/graph.ts";
import type { Change } from "./change.ts";
import type { SlotUse } from "./places.ts";
import { misfitOf } from "./schema-fits.ts";
import { misfitOfShapes } from "./shape.ts";
import { need, own, type Sides } from "./sides.ts";
import { readsOf } from "./slot-reads.ts";

export function slotNeeds(sides: Sides): readonly Change[] {
  const usesNow = new Map(sides.now.uses().map((use) => [use.slot, use]));
  return sides.before.uses().flatMap((use) => oneSlot(sides, use, usesNow));
}

function oneSlot(sides: Sides, use: SlotUse, usesNow: ReadonlyMap<string, SlotUse>): Change[] {
  const { slot, role, place } = use;
  const { retired, slots } = sides.program;
  const alias = own(retired?.aliases, slot);
  if (alias === undefined && own(retired?.slots, slot)) return []; // written for the older graphs
  const name = alias ?? slot;
  const now = usesNow.get(name);
  const fn = own(slots, name);
  if (!fn || !now || now.role !== role) return [missing(use)];
  const misfit = misfitOfGiven(sides, use, now);
  const gives =
    misfit === undefined
      ? []
      : [
          need("slot_gives", slot, place, {
            verdict: "needs_mapping",
            why: `executions in flight cannot take what it gives now: ${misfit}`,
            do: mapIt(slot),
          }),
        ];
  const reads = isUntilOfLoop(use) ? stateOfLoop(sides, use, now) : namesRead(sides, { use, now, reads: readsOf(fn) });
  return [...gives, ...reads];
}

const missing = ({ slot, place }: SlotUse): Change =>
  need("slot_missing", slot, place, {
    verdict: "needs_mapping",
    why: "executions in flight call it, and the code has no such function",
    do: mapIt(slot),
  });

interface Reading {
  readonly use: SlotUse;
  readonly now: SlotUse;
  readonly reads: ReadonlySet<string> | undefined;
}

function namesRead({ before, now: newer }: Sides, { use, now, reads }: Reading): Change[] {
  const has = before.inSight(use);
  for (const [name, wanted] of newer.inSight(now)) {
    if (reads && !reads.has(name)) continue;
    const had = has.get(name);
    const misfit = had && misfitOfShapes(had, wanted, "read");
    if (had && misfit === undefined) continue;
    const otherwise = misfit === undefined ? "do not have" : `have otherwise: ${misfit}`;
    return [
      // One is enough to see to.
      need("slot_reads", use.slot, use.place, {
        verdict: reads ? "needs_mapping" : "safe_once_drained",
        why: `it ${reads ? "reads" : "may read"} s.${name}, which executions in flight ${otherwise}`,
        do: reads ? mapIt(use.slot) : `${mapIt(use.slot)}; or read s.name in it, so that it can be told what it reads`,
      }),
    ];
  }
  return [];
}

const isUntilOfLoop = ({ role, place }: SlotUse): boolean => role === "until" && place?.state.kind === "loop";

/** It is asked of the state itself. */
function stateOfLoop({ before, now: newer }: Sides, use: SlotUse, now: SlotUse): Change[] {
  const misfit = use.place && now.place && misfitOfShapes(before.shape(use.place), newer.shape(now.place), "read");
  if (misfit === undefined) return [];
  return [
    need("slot_reads", use.slot, use.place, {
      verdict: "needs_mapping",
      why: `it is asked of a state that executions in flight have otherwise: ${misfit}`,
      do: mapIt(use.slot),
    }),
  ];
}

function misfitOfGiven(sides: Sides, use: SlotUse, now: SlotUse): string | undefined {
  const [was, is] = [use.place?.state, now.place?.state];
  if (!was || !is) return undefined; // the execution's output
  if (use.role === "input" || use.role === "undo.input") return misfitOfInput(sides, use, now);
  if (was.kind !== is.kind) return `it is a ${is.kind}'s now`;
  if (was.kind === "choice" || was.kind === "match") return misfitOfBranch(was, is);
  if (was.kind === "emit" && is.kind === "emit" && was.event !== is.event) return `it is data of ${is.event} now`;
  return undefined;
}

function misfitOfInput(sides: Sides, use: SlotUse, now: SlotUse): string | undefined {
  const [was, is] = [takerOf(use), takerOf(now)];
  if (!was || !is || (was.kind === is.kind && was.name === is.name)) return undefined;
  const given = inputIn(sides.program.graph, is);
  const taken = (was.kind === "node" ? sides.nodeOf(was.name) : sides.callOf(was.name))?.input;
  if (!given || !taken) return undefined; // told of by itself
  const misfit = misfitOf(given, taken, "parsed");
  return misfit && `it is the input of '${is.name}' now, not of '${was.name}': ${misfit}`;
}

interface Taker {
  readonly kind: "node" | "call";
  readonly name: string;
}
function takerOf({ role, place }: SlotUse): Taker | undefined {
  const state = place?.state;
  if (state?.kind === "call") return { kind: "call", name: state.workflow };
  if (state?.kind !== "task") return undefined;
  const name = role === "input" ? state.node : state.undo?.node;
  return name === undefined ? undefined : { kind: "node", name };
}
const inputIn = ({ nodes, calls }: Graph, { kind, name }: Taker) =>
  (kind === "node" ? own(nodes, name) : own(calls, name))?.input;

function misfitOfBranch(was: State, is: State): string | undefined {
  if ((was.kind !== "choice" && was.kind !== "match") || (is.kind !== "choice" && is.kind !== "match"))
    return undefined;
  if (was.kind === "match" && is.kind === "match" && was.by !== is.by) return `it is told by '${is.by}' now`;
  const more = Object.keys(is.branches).find((name) => !Object.hasOwn(was.branches, name));
  return more === undefined ? undefined : `it may lead to the branch '${more}', which they do not have`;
}

const mapIt = (slot: string): string => `retired: { slots: { ${JSON.stringify(slot)}: (s) => … } }`;
