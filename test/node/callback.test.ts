/** What a handler may ask a callback for, and what it gets. */

import { expect, test, vi } from "vitest";
import { z } from "zod";
import type { Callback } from "../../lib/contract/callback.ts";
import { node, signal } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import { Ending } from "../../lib/node/ending.ts";
import { implement, type Step } from "../../lib/node/implement.ts";
import { runAttempt } from "../../lib/node/run-attempt.ts";

const Text = z.object({ text: z.string() });
const decision = signal("decision", { data: z.object({ approved: z.boolean() }) });
const verdict = signal("verdict", { data: z.enum(["yes", "no"]) });
const ask = node("ask", { input: Text, callbacks: [decision, verdict] });

interface Made {
  readonly handedOut: Callback[];
  readonly memo: Record<string, Json>;
}
async function attempt(handle: (step: Step) => unknown, of: Partial<Made> & { readonly epoch?: number } = {}) {
  const { handedOut = [], memo = {}, epoch = 0 } = of;
  const call = {
    ...{ workflow: "w", node: "ask", input: { text: "x" }, timeoutMs: 1000, outputBytes: 10_000 },
    step: { execution: "w/1", path: "ask", attempt: 1, epoch },
    memo: { ...memo },
  };
  const handler = implement(ask, async (_, step) => {
    await handle(step as Step);
    return null;
  });
  const outcome = await runAttempt(handler as never, call, {
    log: () => {},
    beat: async () => "go on" as const,
    ending: new Ending(),
    remember: async (name, value) => {
      memo[name] = value;
    },
    handOut: async (callback) => {
      handedOut.push(callback);
      return { url: `https://x/${callback.id}`, token: callback.id };
    },
  });
  return { outcome, handedOut, memo };
}
const options = { for: "legal@example.org" };

test("a callback is of its execution, step, signal and subject, for a week unless it says otherwise", async () => {
  vi.useFakeTimers({ now: 1_000_500, toFake: ["Date"] });
  const { handedOut } = await attempt((step) => step.callback(decision, options));
  vi.useRealTimers();
  expect(handedOut).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{40}$/),
      ...{ execution: "w/1", path: "ask", signal: "decision", subject: "legal@example.org" },
      expiresAtMs: 1_001_000 + 7 * 24 * 60 * 60_000, // a whole second, and no sooner
    },
  ]);
});

test("a later attempt hands out the same callback, which ends when the first one did", async () => {
  const memo = {};
  vi.useFakeTimers({ now: 1_000_000, toFake: ["Date"] });
  const first = await attempt((step) => step.callback(decision, options), { memo });
  vi.setSystemTime(9_000_000);
  const later = await attempt((step) => step.callback(decision, options), { memo });
  vi.useRealTimers();
  expect(later.handedOut).toEqual(first.handedOut);
  expect(JSON.stringify(memo)).toMatch(/^\{"callback[0-9a-f]{40}":605800000\}$/);
});

test("other signals, subjects and epochs have callbacks of their own", async () => {
  const { handedOut } = await attempt(async (step) => {
    await step.callback(decision, options);
    await step.callback(decision, { for: "finance@example.org" });
    await step.callback(verdict, options);
    await step.callback(decision, options);
  });
  const { handedOut: redone } = await attempt((step) => step.callback(decision, options), { epoch: 1 });
  const ids = [...handedOut, ...redone].map(({ id }) => id);
  expect(ids[3]).toBe(ids[0]);
  expect(new Set(ids).size).toBe(4);
});

const other = signal("other", { data: z.boolean() });
test.each<[string, (step: Step) => unknown, RegExp]>([
  ["is not declared", (step) => step.callback(other, options), /write callbacks: \[other\] in the node 'ask'/],
  ["is for nobody", (step) => step.callback(decision, { for: "" }), /1 to 200 characters/],
  ["is for too many", (step) => step.callback(decision, { for: "x".repeat(201) }), /1 to 200 characters/],
  [
    "is over at once",
    (step) => step.callback(decision, { ...options, expires: "0.9 seconds" }),
    /1 second to 366 days/,
  ],
  ["is for ever", (step) => step.callback(decision, { ...options, expires: "367 days" }), /1 second to 366 days/],
  ["has no time", (step) => step.callback(decision, { ...options, expires: "soon" as never }), /not 'soon'/],
  ["has no answer", (step) => step.callback(decision, { ...options, answers: {} }), /1 to 10 answers/],
  [
    "has a nameless answer",
    (step) => step.callback(decision, { ...options, answers: { "": {} } }),
    /1 to 60 characters/,
  ],
  [
    "has a date for an answer",
    (step) => step.callback(decision, { ...options, answers: { a: new Date() } as never }),
    /a Date at \.a/,
  ],
])("a callback that %s fails the attempt, and is not handed out", async (_, handle, message) => {
  const { outcome, handedOut } = await attempt(handle);
  expect(outcome).toMatchObject({ kind: "error", code: "handler_failed" });
  expect((outcome as { message: string }).message).toMatch(message);
  expect(handedOut).toEqual([]);
});
