/**
 * Each transition of a step as one conditional write: `lib/kernel/step.ts` in DynamoDB's words. The kernel is asked
 * again with the item as it was before, so where the two disagree it is found out at once.
 *
 * A claim's lease, on the clock of whoever claims next. Two clocks differ by at most the skew, so a holder that stops
 * by its own clock at the lease's end has stopped before the next one begins:
 *
 *      claimed              l                l + skew
 *      ├──────── lease ─────┼───── margin ─────┤
 *      └───────────────── held ────────────────┘└── free ──▶          NO_LEASE_RUNS: l <= now - skew
 *
 * A failed step's delay needs no margin: it is a courtesy to what failed, not a promise.
 *
 *      failed                           nb
 *      └────────── held back ──────────┘└── free ──▶                  NO_DELAY_RUNS: nb <= now
 *
 * The fence, when a lease ends under a holder that sleeps on:
 *
 *      claim f=1 ──────(sleeps)──────────────── settle, refused       HELD_BY_US: s = running and f = 1
 *                 claim f=2 ──── settle, written
 *
 * Two renewals of one holder, the earlier of which arrives last:
 *
 *      renew l=20 ──(on the way)─────────── refused                    NOT_SHORTER: l <= 20, and l is 40
 *              renew l=40 ── written
 */
import {
  type ClaimRequest,
  FIRST_FENCE,
  type Holder,
  type Memo,
  type Renewal,
  type Setback,
  type Settlement,
} from "../../kernel/step.ts";
import type { Body } from "./bodies.ts";
import { CLOSED_BODY, memoAttribute } from "./items.ts";
import type { Write } from "./table.ts";

// A record that nobody wrote is as free as one that nobody holds.
const NOT_SETTLED = "(attribute_not_exists(s) OR s <> :settled)";
const NO_LEASE_RUNS = "(attribute_not_exists(l) OR l <= :leaseEnded)";
const NO_DELAY_RUNS = "(attribute_not_exists(nb) OR nb <= :now)";
const HELD_BY_US = "(s = :running AND f = :fence)";
const NOT_SHORTER = "l <= :lease";

/** Where nothing else tells a write from its own repetition: what it counts is counted once. */
const NOT_WRITTEN_YET = "(attribute_not_exists(w) OR w <> :token)";

const FREE_TO_CLAIM = `${NOT_SETTLED} AND ${NO_LEASE_RUNS} AND ${NO_DELAY_RUNS}`;
const FREE_TO_CLOSE = `${NOT_SETTLED} AND ${NO_LEASE_RUNS}`;

const NODE = "n = if_not_exists(n, :node)";
const STARTED = "a = if_not_exists(a, :startedAt)";
const STATUS = { ":idle": "idle", ":running": "running", ":settled": "settled" };

export const claimWrite = ({ node, nowMs, leaseMs, skewMs }: ClaimRequest): Write => ({
  condition: FREE_TO_CLAIM,
  set: ["s = :running", NODE, STARTED, "l = :lease"],
  remove: ["nb"],
  add: ["f :one"],
  values: {
    ...STATUS,
    ":node": node,
    ":now": nowMs,
    ":leaseEnded": nowMs - skewMs,
    ":lease": nowMs + leaseMs,
    ":startedAt": nowMs,
    ":one": 1,
  },
});

/** @param packed the settled record's body, what leads on where that lies apart, and its error if it has one */
export const settleWrite = (
  s: Settlement,
  packed: { readonly b: Body; readonly nx?: Body; readonly error: Body | undefined },
): Write => ({
  condition: heldBy(s.holder),
  set: [
    "s = :settled",
    NODE,
    STARTED,
    "z = :endedAt",
    "b = :body",
    ...(packed.nx === undefined ? [] : ["nx = :leads"]),
    ...(packed.error === undefined ? [] : ["e = :error"]),
  ],
  remove: ["l", "nb", ...(packed.error === undefined ? ["e"] : [])],
  values: {
    ...STATUS,
    ...fenceOf(s.holder),
    ":node": s.node,
    ":startedAt": s.startedAtMs,
    ":endedAt": s.atMs,
    ":body": packed.b,
    ":leads": packed.nx,
    ":error": packed.error,
  },
});

/** @param count the attribute that counts: failures or crashes */
export const setbackWrite = (f: Setback, count: "x" | "c", error: Body): Write => ({
  condition: `${heldBy(f.holder)} AND ${NOT_WRITTEN_YET}`,
  set: ["s = :idle", NODE, STARTED, "nb = :notBefore", "e = :error"],
  remove: ["l"],
  add: [`${count} :one`],
  values: {
    ...STATUS,
    ...fenceOf(f.holder),
    ":node": f.node,
    ":startedAt": f.startedAtMs,
    ":notBefore": f.notBeforeMs,
    ":error": error,
    ":one": 1,
  },
});

/** What is remembered under a name first stays. */
export const rememberWrite = ({ node, holder, startedAtMs, name }: Memo, value: Body): Write => ({
  condition: heldBy(holder),
  set: [
    "s = if_not_exists(s, :idle)",
    NODE,
    STARTED,
    `${memoAttribute(name)} = if_not_exists(${memoAttribute(name)}, :value)`,
  ],
  values: { ...STATUS, ...fenceOf(holder), ":node": node, ":startedAt": startedAtMs, ":value": value },
});

export const renewWrite = ({ fence, leaseUntilMs }: Renewal): Write => ({
  condition: `${HELD_BY_US} AND ${NOT_SHORTER}`,
  set: ["l = :lease"],
  values: { ...STATUS, ":fence": fence, ":lease": leaseUntilMs },
});

export const releaseWrite = (fence: number): Write => ({
  condition: HELD_BY_US,
  set: ["s = :idle"],
  remove: fence === FIRST_FENCE ? ["l", "a"] : ["l"],
  values: { ...STATUS, ":fence": fence },
});

/** Raises the fence, so that a holder that sleeps on is refused. */
export const closeWrite = ({ node, nowMs, skewMs }: Omit<ClaimRequest, "leaseMs">): Write => ({
  condition: FREE_TO_CLOSE,
  set: ["s = :settled", NODE, "z = :now", "b = :body", "cl = :true"],
  remove: ["l", "nb"],
  add: ["f :one"],
  values: {
    ...STATUS,
    ":node": node,
    ":now": nowMs,
    ":leaseEnded": nowMs - skewMs,
    ":body": CLOSED_BODY,
    ":true": true,
    ":one": 1,
  },
});

const heldBy = (holder: Holder): string => (holder === "repeatable" ? NOT_SETTLED : HELD_BY_US);
const fenceOf = (holder: Holder) => (holder === "repeatable" ? {} : { ":fence": holder });
