import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { node } from "../../lib/model/contracts.ts";
import type { Json } from "../../lib/model/json.ts";
import { Ending } from "../../lib/node/ending.ts";
import { implement, type Step } from "../../lib/node/implement.ts";
import { handOutNowhere, runAttempt, type Telling } from "../../lib/node/run-attempt.ts";
import type { Beat } from "../../lib/ports/handlers.ts";

const Text = z.object({ text: z.string() });
const echo = node("echo", { input: Text, output: Text, errors: ["Refused"] });
const call = (input: Json, timeoutMs = 1000) => ({
  workflow: "w",
  node: "echo",
  input,
  step: { execution: "w/1", path: "a/0/echo", attempt: 2, epoch: 0 },
  timeoutMs,
  outputBytes: 10_000,
});
const quiet: Telling = {
  ...{ log: () => {}, remember: async () => {}, beat: async () => "go on", handOut: handOutNowhere },
  get ending() {
    return new Ending();
  },
};
const attempt = (handle: (input: { text: string }, step: Step<"Refused">) => unknown, input: Json = { text: "hi" }) =>
  runAttempt(
    // The handlers here are wrong on purpose, in ways that the compiler would refuse.
    implement(echo, handle as never) as never,
    call(input),
    quiet,
  );
const error = (code: string, message: RegExp, final: boolean) => ({
  kind: "error",
  code,
  message: expect.stringMatching(message),
  final,
  // As it was thrown, for whoever names errors in a way of its own.
  ...(code === "handler_failed" && { thrown: { name: expect.any(String), message: expect.any(String) } }),
});

test("an attempt gives the handler's output as its schema reads it", async () => {
  expect(await attempt(async ({ text }) => ({ text, more: 1 }))).toEqual({ kind: "output", output: { text: "hi" } });
});
test("a handler that undoes a step finds it, with the key under which it was done", async () => {
  const seen: unknown[] = [];
  const handler = implement(echo, (input, step) => {
    seen.push(step.idempotencyKey, step.undoes);
    return input;
  });
  const { step, ...of } = call({ text: "hi" });
  await runAttempt(handler as never, { ...of, step }, quiet);
  await runAttempt(
    handler as never,
    { ...of, step: { ...step, path: "a/0/echo/undo", epoch: 3, undoes: { path: step.path, epoch: step.epoch } } },
    quiet,
  );
  const [key, none, own, undoes] = seen;
  expect(none).toBeUndefined();
  expect(undoes).toEqual({ path: "a/0/echo", idempotencyKey: key });
  expect(own).not.toBe(key);
});
test("an attempt with input that breaks the schema is final, and the handler is not called", async () => {
  const handle = vi.fn();
  expect(await attempt(handle, { text: 7 })).toEqual(error("invalid_input", /^text: /, true));
  expect(handle).not.toHaveBeenCalled();
});
test.each([
  ["breaks its schema", () => ({ text: 7 }), /^text: /],
  ["is missing", () => undefined, /expected object/],
])("an output that %s may be another one next time", async (_, handle, message) => {
  expect(await attempt(handle)).toEqual(error("invalid_output", message, false));
});
test("an output of a node that declares none is refused, and none at all is null", async () => {
  const silent = node("silent", { input: Text });
  const run = (output: unknown) =>
    runAttempt(implement(silent, (() => output) as never) as never, call({ text: "x" }), quiet);
  expect(await run({ a: 1 })).toEqual(error("invalid_output", /declares no output/, false));
  expect(await run(undefined)).toEqual({ kind: "output", output: null });
});
test.each([
  ["a date", new Date(0), /a Date at \.v/],
  ["not a number", Number.NaN, /NaN at \.v/],
  ["a function", () => 1, /function at \.v/],
])("an output with %s in it is refused, with the place", async (_, v, message) => {
  const loose = node("loose", { input: Text, output: z.any() });
  const outcome = await runAttempt(implement(loose, (() => ({ v })) as never) as never, call({ text: "x" }), quiet);
  expect(outcome).toEqual(error("invalid_output", message, false));
});
test("an output just within the limit passes, and one byte more is refused for good", async () => {
  const limit = 10_000;
  const around = JSON.stringify({ text: "" }).length;
  const sized = (bytes: number) => attempt(() => ({ text: "x".repeat(bytes - around) }));
  expect((await sized(limit)).kind).toBe("output");
  expect(await sized(limit + 1)).toEqual(
    error("payload_too_large", /10001 bytes of JSON and the limit is 10000/, true),
  );
});
test("the data of a declared error has the same limit", async () => {
  const sized = (chars: number) => attempt((_, step) => step.fail("Refused", "x".repeat(chars)));
  expect(await sized(9_998)).toMatchObject({ code: "Refused", final: true });
  expect(await sized(9_999)).toEqual(error("payload_too_large", /fail\("Refused"\) has 10001 bytes/, true));
});
test("what a handler throws is told with its place, to be tried again", async () => {
  const thrown = await attempt(() => {
    throw new RangeError("too far");
  });
  expect(thrown).toEqual(error("handler_failed", /^RangeError: too far \(at .*run-attempt\.test/, false));
});
test("a declared error is final and carries its data", async () => {
  const outcome = await attempt((_, step) => step.fail("Refused", { reason: "limit" }));
  expect(outcome).toEqual({ ...error("Refused", /^Refused: /, true), data: { reason: "limit" } });
});
test("an error that the node does not declare, or data that is not JSON, is the handler's mistake", async () => {
  expect(await attempt((_, step) => step.fail("Other" as "Refused"))).toEqual(
    error("handler_failed", /not declared/, false),
  );
  const data = new Map() as unknown as Json;
  expect(await attempt((_, step) => step.fail("Refused", data))).toEqual(error("handler_failed", /a Map/, false));
});
test("an attempt whose time is over is a timeout, and its signal is aborted", async () => {
  let signal: AbortSignal | undefined;
  const slow = implement(echo, ((_: unknown, step: Step) => {
    signal = step.signal;
    return new Promise(() => {});
  }) as never);
  expect(await runAttempt(slow as never, call({ text: "x" }, 20), quiet)).toEqual(error("timeout", /20 ms/, false));
  expect(signal?.aborted).toBe(true);
});
test("a step knows its execution, path and attempt, and logs with them", async () => {
  const lines: unknown[] = [];
  const seen: unknown[] = [];
  const handler = implement(echo, (input, step) => {
    seen.push([step.workflow, step.executionId, step.path, step.attempt, step.idempotencyKey.length]);
    step.log("here", { n: 1 });
    return input;
  });
  await runAttempt(handler as never, call({ text: "x" }), { ...quiet, log: (line) => void lines.push(line) });
  expect(seen).toEqual([["w", "1", "a/0/echo", 2, 40]]);
  expect(lines).toEqual([{ step: call("").step, message: "here", data: { n: 1 } }]);
});
test("middleware runs around the handler", async () => {
  const order: string[] = [];
  const handler = implement(
    echo,
    (input) => {
      order.push("handler");
      return input;
    },
    { use: [{ before: () => void order.push("before"), after: () => void order.push("after") }] },
  );
  expect(await runAttempt(handler as never, call({ text: "x" }), quiet)).toEqual({
    kind: "output",
    output: { text: "x" },
  });
  expect(order).toEqual(["before", "handler", "after"]);
});

test("a part that is remembered is run once, and by a later attempt not at all", async () => {
  const remembered: [string, Json][] = [];
  let runs = 0;
  const handler = implement(echo, async (_, step) => {
    const pay = () => step.memo("pay", () => ({ charge: ++runs }));
    const [first, second] = await Promise.all([pay(), pay()]);
    await step.memo("nothing", () => {});
    return { text: `${first.charge} ${second.charge}` };
  });
  const remember = async (name: string, value: Json) => void remembered.push([name, value]);
  const made = (memo: Record<string, Json>) =>
    runAttempt(handler as never, { ...call({ text: "x" }), memo }, { ...quiet, remember });
  expect(await made({})).toEqual({ kind: "output", output: { text: "1 1" } });
  const all: [string, Json][] = [
    ["pay", { charge: 1 }],
    ["nothing", null],
  ];
  expect(remembered).toEqual(all);
  expect(await made(Object.fromEntries(all))).toEqual({ kind: "output", output: { text: "1 1" } });
  expect([runs, remembered.length]).toEqual([1, 2]);
});
test("a part that throws is not remembered", async () => {
  const remember = vi.fn(async () => {});
  const handler = implement(echo, (_, step) => step.memo("pay", () => Promise.reject(new Error("no gateway"))));
  expect(await runAttempt(handler as never, call({ text: "x" }), { ...quiet, remember })).toEqual(
    error("handler_failed", /no gateway/, false),
  );
  expect(remember).not.toHaveBeenCalled();
});
test.each([
  ["", /memo\(""\)/],
  ["a b", /"a b"/],
  ["1st", /first a letter/],
  ["x".repeat(65), /1 to 64/],
])("a part's name %j is refused", async (name, said) => {
  expect(await attempt((_, step) => step.memo(name, () => 1))).toEqual(error("handler_failed", said, false));
});
test("a part that gives what JSON cannot hold is refused", async () => {
  const outcome = await attempt((_, step) => step.memo("at", (() => new Date()) as never));
  expect(outcome).toEqual(error("handler_failed", /memo\("at"\).*Date/, false));
});

const put = (pk: string) => ({ Put: { TableName: "ledger", Item: { pk, cents: 5 } } });
test("what is transacted goes with the output, and not with a failure", async () => {
  const made = (fails: boolean) =>
    attempt((input, step) => {
      step.transact(put("a"));
      step.transact(put("b"), put("c"));
      if (fails) step.fail("Refused");
      return input;
    });
  expect(await made(false)).toEqual({
    ...{ kind: "output", output: { text: "hi" } },
    transact: [put("a"), put("b"), put("c")],
  });
  expect(await made(true)).toEqual({ ...error("Refused", /Refused/, true) });
});
test("a hundredth action is refused for good, and so is any in a repeatable node", async () => {
  const all = Array.from({ length: 99 }, (_, i) => put(String(i)));
  const whole = await attempt((input, step) => {
    step.transact(...all);
    return input;
  });
  expect(whole).toMatchObject({ kind: "output" });
  expect(await attempt((_, step) => step.transact(...all, put("z")))).toEqual(
    error("invalid_transaction", /100 actions.*limit is 99/, true),
  );
  const repeatable = node("echo", { input: Text, repeatable: true });
  const handler = implement(repeatable, (_, step) => {
    step.transact(put("a"));
    return null;
  });
  expect(await runAttempt(handler as never, call({ text: "x" }), quiet)).toEqual(
    error("invalid_transaction", /'echo' is repeatable/, true),
  );
});

test("the idempotency key is the same on every attempt of a step, and another for another step and epoch", async () => {
  const keys = [
    { execution: "w/1", path: "a/0/echo", attempt: 1, epoch: 0 },
    { execution: "w/1", path: "a/0/echo", attempt: 2, epoch: 0 },
    { execution: "w/1", path: "a/0/echo", attempt: 1, epoch: 1 },
    { execution: "w/1", path: "a/1/echo", attempt: 1, epoch: 0 },
    { execution: "w/2", path: "a/0/echo", attempt: 1, epoch: 0 },
  ].map(async (step) => {
    let key = "";
    const handler = implement(echo, (input, s) => {
      key = s.idempotencyKey;
      return input;
    });
    await runAttempt(handler as never, { ...call({ text: "x" }), step }, quiet);
    return key;
  });
  const [first, second, ...others] = await Promise.all(keys);
  expect(second).toBe(first);
  expect(new Set([first, ...others]).size).toBe(4);
});

describe("a heartbeat", () => {
  /** Each call of the engine's, and how long the handler runs, beating every 10 ms. */
  const beating = async (answers: readonly (() => ReturnType<Beat>)[], runMs: number, heartbeatMs?: number) => {
    let beats = 0;
    const beat: Beat = () => (answers[beats++] ?? (async () => "go on" as const))();
    const handle = async (input: { text: string }, step: Step) => {
      const fromMs = performance.now();
      while (performance.now() - fromMs < runMs && !step.signal.aborted) {
        step.heartbeat();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return { text: step.signal.aborted ? (step.signal.reason as Error).message : input.text };
    };
    const of = { ...call({ text: "hi" }, 5_000), ...(heartbeatMs !== undefined && { heartbeatMs }) };
    const outcome = await runAttempt(implement(echo, handle as never) as never, of, { ...quiet, beat });
    return { outcome, beats };
  };
  test("keeps an attempt going, and tells the engine three times in its interval at most", async () => {
    const { outcome, beats } = await beating([], 900, 300);
    expect(outcome).toEqual({ kind: "output", output: { text: "hi" } });
    expect(beats).toBeGreaterThan(0);
    expect(beats).toBeLessThanOrEqual(9);
  });
  test("aborts the attempt's signal when its execution is ending, and what it gives is its outcome", async () => {
    const { outcome } = await beating([async () => "go on", async () => "stop"], 2_000, 90);
    expect(outcome).toEqual({ kind: "output", output: { text: "the execution is ending" } });
  });
  test("goes on when the engine cannot be told", async () => {
    const { outcome, beats } = await beating([() => Promise.reject(new Error("no table"))], 300, 200);
    expect(outcome).toEqual({ kind: "output", output: { text: "hi" } });
    expect(beats).toBeGreaterThan(1);
  });
  test("of a node that declares none does nothing", async () => {
    expect(await beating([], 100)).toEqual({ outcome: { kind: "output", output: { text: "hi" } }, beats: 0 });
  });
  test("that is missing for too long ends the attempt, which may be made again, and aborts its signal", async () => {
    let aborted = "";
    const silent = (_: unknown, step: Step) =>
      new Promise(() => {
        step.signal.addEventListener("abort", () => {
          aborted = (step.signal.reason as Error).message;
        });
      });
    const of = { ...call({ text: "hi" }, 5_000), heartbeatMs: 50 };
    const outcome = await runAttempt(implement(echo, silent as never) as never, of, quiet);
    expect(outcome).toEqual(error("heartbeat_timeout", /^the handler did not call .* for longer than 50 ms$/, false));
    expect(aborted).toBe("the attempt was silent for 50 ms");
  });
});
