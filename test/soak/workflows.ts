/**
 * What a soak runs. A node gives an answer that nobody else gives, and what it is given are the answers that it
 * follows from, joined by `+`: so what was followed can be told from what began, without asking the engine.
 */
import { z } from "zod";
import { event, node, workflow } from "../../lib/index.ts";

const text = z.string();
const retry = { maxAttempts: 20, firstDelay: "0.005 seconds", maxDelay: "0.1 seconds" } as const;
const of = { input: text, output: text, timeout: "0.3 seconds", retry } as const;

export const queued = node("queued", of);
export const inlined = node("inlined", { ...of, inline: true });
export const repeated = node("repeated", { ...of, repeatable: true });
export const repeatedInline = node("repeatedInline", { ...of, inline: true, repeatable: true });
/** Throws at first, always. */
export const flaky = node("flaky", of);
/** Ends with an error now and then. */
export const broken = node("broken", { ...of, errors: ["Broken"] });

/** These may run again, also when they have settled. */
export const REPEATABLE: ReadonlySet<string> = new Set(["repeated", "repeatedInline"]);

const ten = workflow("ten", { input: text })
  .task(queued.as("a"))
  .task(inlined.as("b"))
  .parallel("p", {
    left: (x) => x.task(queued.as("c")).task(inlined.as("d")),
    middle: (x) => x.task(repeated.as("e")),
    right: (x) => x.task(flaky.as("f")),
  })
  .task(repeatedInline.as("g"), { input: (s) => `${s.p.left}+${s.p.middle}+${s.p.right}` })
  .task(inlined.as("h"))
  .task(flaky.as("i"))
  .task(queued.as("j"), { input: (s) => `${s.a}+${s.h}+${s.i}` });

const done = event("soak", "Done", { version: 1, data: z.object({ id: text, answer: text }) });
const pick = workflow("pick", { input: text })
  .task(queued.as("a"))
  // Another answer whenever it is asked: which it is asked for is recorded once.
  .choice("either", () => (Math.random() < 0.5 ? "x" : "y"), {
    x: (x) => x.task(queued.as("x")),
    y: (x) => x.task(inlined.as("y")),
  })
  .task(inlined.as("b"), { input: (s) => `${s.a}+${s.either.output}` })
  .emit(done, (s) => ({ id: s.input, answer: s.b }));
const noted = workflow("noted", { input: z.object({ id: text, answer: text }), on: done.by((e) => e.data.id) }).task(
  queued.as("a"),
  { input: (s) => s.input.id },
);

const fan = workflow("fan", { input: text })
  .task(inlined.as("a"))
  .map("all", {
    over: (s) => [s.a, s.a, s.a],
    each: (x) => x.task(queued.as("b")).task(repeatedInline.as("c")),
    concurrency: 2,
  })
  .task(queued.as("d"), { input: (s) => s.all.join("+") });

const doomed = workflow("doomed", { input: text })
  .parallel("p", {
    fails: (x) => x.task(broken.as("a")),
    goes: (x) => x.task(queued.as("b")).task(queued.as("c")),
  })
  .task(inlined.as("d"), { input: (s) => `${s.p.fails}+${s.p.goes}` });

export const WORKFLOWS = [ten, pick, noted, fan, doomed];
export const MIX: readonly string[] = ["ten", "pick", "ten", "fan", "ten", "doomed"];
/** How many steps settle in one that succeeds. */
export const STEPS: Readonly<Record<string, number>> = { ten: 10, pick: 3, noted: 1, fan: 8, doomed: 4 };
