/** Random workflows of races, catches, tolerated items and undo, whose steps fail and take their time by their paths. */
import fc from "fast-check";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Scenario } from "../../lib/testing/world/world.ts";
import { type Answer, failure, output } from "./simulation.ts";
import { answering } from "./worlds.ts";

type Sequence = readonly Planned[];
type Planned =
  | { readonly kind: "task"; readonly node: "queued" | "inlined"; readonly undo: boolean }
  | { readonly kind: "race" | "parallel"; readonly branches: readonly [Sequence, Sequence] }
  | { readonly kind: "block"; readonly body: Sequence; readonly handler: Sequence }
  | { readonly kind: "map"; readonly each: Sequence; readonly lanes: number; readonly tolerates: boolean }
  | { readonly kind: "loop"; readonly each: Sequence; readonly rounds: number }
  | { readonly kind: "wait"; readonly seconds: number };

const task: fc.Arbitrary<Planned> = fc.record({
  kind: fc.constant("task"),
  node: fc.constantFrom("queued", "queued", "inlined"),
  undo: fc.boolean(),
});
const sequences = fc.letrec<{ sequence: Sequence; state: Planned }>((tie) => {
  const sequence = fc.array(tie("state"), { minLength: 1, maxLength: 3, depthIdentifier: "random undo" });
  const branches = fc.tuple(tie("sequence"), tie("sequence"));
  return {
    sequence,
    state: fc.oneof(
      { maxDepth: 3, withCrossShrink: true, depthIdentifier: "random undo" },
      { weight: 4, arbitrary: task },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait"), seconds: fc.integer({ min: 1, max: 6 }) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("race"), branches }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("parallel"), branches }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("block"), body: tie("sequence"), handler: tie("sequence") }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          ...{ kind: fc.constant("map"), each: tie("sequence") },
          ...{ lanes: fc.integer({ min: 1, max: 2 }), tolerates: fc.boolean() },
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          ...{ kind: fc.constant("loop"), each: tie("sequence") },
          rounds: fc.integer({ min: 1, max: 2 }),
        }),
      },
    ) as fc.Arbitrary<Planned>,
  };
});
export const plannedUndo: fc.Arbitrary<Sequence> = sequences.sequence;

const any = { input: z.json(), output: z.json() };
const back = node("back", any);
const queued = node("queued", { ...any, errors: ["Declined"], retry: { maxAttempts: 2 } });
const inlined = node("inlined", { ...any, inline: true, errors: ["Declined"] });
const NODES = { queued, inlined };

// The builder's types follow what is built, which a random plan has no types for.
interface Loose {
  task(node: unknown, options: unknown): Loose;
  race(name: string, branches: Readonly<Record<string, (b: Loose) => Loose>>): Loose;
  parallel(name: string, branches: Readonly<Record<string, (b: Loose) => Loose>>): Loose;
  block(name: string, body: (b: Loose) => Loose, options: unknown): Loose;
  map(name: string, options: unknown): Loose;
  loop(name: string, options: unknown): Loose;
  wait(name: string, options: unknown): Loose;
  output(output: () => Json): { readonly program: Scenario["programs"][number] };
}

/** Names are told apart by where they stand, also from those around them. */
const build = (b: Loose, sequence: Sequence, above: string): Loose =>
  sequence.reduce((built, state, i) => add(built, state, `${above}${"abc"[i]}`), b);

function add(built: Loose, state: Planned, name: string): Loose {
  const inner = (branch: string, of: Sequence) => (it: Loose) => build(it, of, `${name}${branch}`);
  switch (state.kind) {
    case "task": {
      const as = NODES[state.node].as(name);
      return built.task(as, { input: () => name, ...(state.undo && { undo: back }) });
    }
    case "wait":
      return built.wait(name, { for: `${state.seconds} seconds` });
    case "race":
    case "parallel":
      return built[state.kind](name, { x: inner("x", state.branches[0]), y: inner("y", state.branches[1]) });
    case "block":
      return built.block(name, inner("d", state.body), { catch: { any: inner("e", state.handler) } });
    case "map":
      return built.map(name, {
        ...{ over: () => [1, 2, 3], each: inner("i", state.each), concurrency: state.lanes },
        ...(state.tolerates && { tolerate: { count: 1 } }),
      });
    case "loop":
      return built.loop(name, {
        ...{ from: () => 0, each: inner("r", state.each), max: 5 },
        until: rounds(state.rounds),
      });
  }
}
/** One round, or, where only a wait is in it, as many as there may be: then it fails. */
const rounds = (most: number) => (state: unknown) => most < 2 || state !== 0;

function hash(text: string): number {
  let sum = 7;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}

/** @param salt another one fails elsewhere */
export function undoScenario(planned: Sequence, salt: string): Scenario {
  const undone = new Map<string, number>();
  const answer: Answer = async (call, sleep) => {
    const { path, attempt } = call.step;
    const n = hash(path + salt);
    await sleep((n % 5) * 1_500);
    if (n % 7 === 0) return failure("Declined", true);
    if (n % 11 === 0 && attempt === 1) return failure("handler_failed", false);
    if (n % 29 === 0) return failure("handler_failed", false);
    return output(path);
  };
  // One in nine is given up until a person has it tried again.
  const undo: Answer = (call) => {
    const { path } = call.step;
    const tried = (undone.get(path) ?? 0) + 1;
    undone.set(path, tried);
    return hash(path + salt) % 9 === 0 && tried <= 10 ? failure("handler_failed", false) : output(path);
  };
  const built = build(workflow("undo", { input: z.string() }) as unknown as Loose, planned, "").output(() => "end");
  const { program } = built;
  const answers = { queued: answer, inlined: answer, back: undo };
  return { programs: [program], handlers: answering(answers), start: { workflow: "undo", id: "1", input: "in" } };
}
