import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { PAYLOAD_TERMS, payloadKey, payloadPrefixes, RETENTION_MS } from "../../../lib/contract/payload-terms.ts";
import { DEFAULT_LIMITS } from "../../../lib/engine/context.ts";
import { workflow } from "../../../lib/index.ts";
import type { Duration } from "../../../lib/model/duration.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const nowMs = Date.parse("2026-03-01T12:00:00Z");
const until = (ms: number) => ({ workflow: "order", id: "1042", expiresAt: Math.ceil(ms / 1000) });
/** When the bucket removes it at the soonest. */
const removedAtMs = (key: string, putAtMs: number) => {
  const term = PAYLOAD_TERMS.find(({ prefix }) => key.startsWith(prefix));
  return putAtMs + (term?.days ?? 0) * DAY_MS;
};

describe("the key of a payload", () => {
  it.each([
    ["of an execution that says nothing else", 45 * DAY_MS, "month"],
    ["of one whose clock is a day ahead", 46 * DAY_MS, "month"],
    ["of one that has to stay a second longer", 46 * DAY_MS + 1000, "year"],
    ["of one that lives as long as any may", (366 + 15) * DAY_MS, "year"],
    ["of one that lives as long, at its end", 15 * DAY_MS, "month"],
    ["of what stays until somebody removes it", Number.POSITIVE_INFINITY, "year"],
  ])("%s says how long it stays", (_, staysMs, prefix) => {
    expect(payloadKey(until(nowMs + staysMs), "ff", nowMs)).toBe(`${prefix}/order/1042/ff`);
  });

  it("lets it go after its records, however long its workflow lives and whenever it is put", () => {
    const longest = workflow("old", { input: z.null(), timeout: "366 days" }).program.graph.timeoutMs ?? 0;
    fc.assert(
      fc.property(
        fc.nat({ max: longest }),
        fc.nat({ max: longest }),
        fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
        (timeoutMs, ageMs, skewMs) => {
          const startedAtMs = nowMs;
          const lifeMs = Math.max(DEFAULT_LIMITS.longestLifeMs, timeoutMs);
          const of = until(startedAtMs + lifeMs + DEFAULT_LIMITS.retentionMs);
          const putAtMs = startedAtMs + Math.min(ageMs, lifeMs);
          const key = payloadKey(of, "ff", putAtMs + skewMs);
          expect(removedAtMs(key, putAtMs)).toBeGreaterThan(of.expiresAt * 1000 + 3 * DAY_MS);
        },
      ),
    );
  });

  it.each<[Duration, string]>([
    ["30 days", "month"],
    ["40 days", "year"],
  ])("at the start of a workflow that lives %s begins with its term", (timeout, prefix) => {
    const { timeoutMs = 0 } = workflow("old", { input: z.null(), timeout }).program.graph;
    expect(payloadKey(until(nowMs + timeoutMs + RETENTION_MS), "ff", nowMs)).toBe(`${prefix}/order/1042/ff`);
  });

  it("begins as its workflow's do in that term, and as nothing else", () => {
    const owners = ["order", "orders", "month", "year", "o"].map((name) => ({ ...until(nowMs), workflow: name }));
    for (const owner of owners)
      for (const staysMs of [0, 300 * DAY_MS]) {
        const key = payloadKey({ ...owner, expiresAt: (nowMs + staysMs) / 1000 }, "ff", nowMs);
        const matched = owners.flatMap((of) => payloadPrefixes(of.workflow).filter((prefix) => key.startsWith(prefix)));
        expect(matched).toEqual([`${staysMs === 0 ? "month" : "year"}/${owner.workflow}/`]);
        expect(PAYLOAD_TERMS.filter(({ prefix }) => key.startsWith(prefix))).toHaveLength(1);
      }
  });
});
