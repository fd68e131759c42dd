/**
 * Random workflows with what they should come to. A plan is built twice: as a workflow, and as nested function calls
 * (`meaningOf`), where scopes are lexical and nothing is ever stored, sent or lost. Both must tell the same story.
 */
import fc from "fast-check";
import { z } from "zod";
import { event, node, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Program } from "../../lib/model/program.ts";

/** Names that a slot reads, of which some are not there. */
type Looks = readonly string[];
export type Plan = readonly PlanState[];
type Branches = Readonly<Record<string, Plan>>;
export type PlanState = { readonly name: string } & (
  | { readonly kind: "task"; readonly node: keyof typeof NODES; readonly looks: Looks | null }
  | { readonly kind: "set"; readonly looks: Looks }
  | { readonly kind: "choice"; readonly looks: Looks; readonly branches: Branches }
  | { readonly kind: "match"; readonly looks: Looks; readonly branches: Branches }
  | { readonly kind: "parallel"; readonly branches: Branches }
  | { readonly kind: "map"; readonly looks: Looks; readonly concurrency: number; readonly each: Plan }
  | { readonly kind: "block"; readonly body: Plan }
  | { readonly kind: "loop"; readonly looks: Looks; readonly rounds: number; readonly each: Plan }
  | { readonly kind: "wait"; readonly hours: number }
  | { readonly kind: "emit"; readonly looks: Looks }
);
export interface PlannedWorkflow {
  readonly states: Plan;
  /** null: the output of the last state. */
  readonly output: Looks | null;
}

const schema = { input: z.json(), output: z.json() };
export const NODES = {
  queued: node("queued", schema),
  inlined: node("inlined", { ...schema, inline: true }),
  repeated: node("repeated", { ...schema, repeatable: true }),
  repeatedInline: node("repeatedInline", { ...schema, repeatable: true, inline: true }),
};
const noted = event("pawl.tests", "Noted", { version: 1, data: z.json() });

/** What any task answers with. */
export const answer = (path: string, input: Json): Json => digest("task", path, input);

const digest = (...of: readonly unknown[]): string => {
  let hash = 2166136261;
  for (const char of JSON.stringify(of)) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  return (hash >>> 0).toString(16).padStart(8, "0");
};
type View = Readonly<Record<string, unknown>>;
const look = (kind: string, s: View, looks: Looks) => digest(kind, ...looks.map((name) => s[name] ?? "nothing"));
const pickOf = (text: string, branches: Branches): string => {
  const names = Object.keys(branches);
  return names[Number.parseInt(text, 16) % names.length] ?? "";
};
const matched = (s: View, of: Extract<PlanState, { kind: "match" }>) => {
  const text = look("match", s, of.looks);
  return { tag: pickOf(text, of.branches), text };
};
const itemsOf = (s: View, looks: Looks) => {
  const text = look("map", s, looks);
  return Array.from({ length: Number.parseInt(text, 16) % 6 }, (_, i) => `${text}#${i}`);
};

/** The state of a loop, which knows how many rounds it has gone. */
interface Turn {
  readonly n: number;
  readonly text: string;
}
const firstTurn = (s: View, looks: Looks): Turn => ({ n: 0, text: look("loop", s, looks) });
const nextTurn = (s: View, looks: Looks): Turn => ({
  n: (s.round as { readonly n: number }).n,
  text: look("turn", s, looks),
});
/** Of the state that each round ends with. */
const TURNED = "turned";

/** The builder without its types, which a random chain cannot have. */
interface Loose {
  readonly program: Program;
  task(node: unknown, options?: { input: (s: View) => unknown }): Loose;
  set(name: string, value: (s: View) => unknown): Loose;
  choice(name: string, pick: (s: View) => string, branches: Record<string, (b: Loose) => Loose>): Loose;
  match(name: string, by: string, of: (s: View) => unknown, branches: Record<string, (b: Loose) => Loose>): Loose;
  parallel(name: string, branches: Record<string, (b: Loose) => Loose>): Loose;
  map(name: string, o: { over: (s: View) => unknown; each: (b: Loose) => Loose; concurrency: number }): Loose;
  block(name: string, body: (b: Loose) => Loose): Loose;
  loop(
    name: string,
    o: { from: (s: View) => unknown; each: (b: Loose) => Loose; until: (state: Turn) => boolean; max: number },
  ): Loose;
  wait(name: string, time: { for: string }): Loose;
  emit(event: unknown, data: (s: View) => unknown): Loose;
  output(output: (s: View) => unknown): Loose;
}

export function programOf(plan: PlannedWorkflow): Program {
  const begun = workflow("planned", { input: z.json() }) as unknown as Loose;
  const built = build(begun, plan.states);
  const { output } = plan;
  return (output ? built.output((s) => look("output", s, output)) : built).program;
}

function build(b: Loose, plan: Plan): Loose {
  const inner = (branches: Branches) =>
    Object.fromEntries(Object.entries(branches).map(([name, states]) => [name, (x: Loose) => build(x, states)]));
  const follow = (chain: Loose, state: Plan[number]): Loose => {
    const { name } = state;
    switch (state.kind) {
      case "task": {
        const { looks } = state;
        return chain.task(NODES[state.node].as(name), looks ? { input: (s) => look("input", s, looks) } : undefined);
      }
      case "set":
        return chain.set(name, (s) => look("set", s, state.looks));
      case "choice":
        return chain.choice(name, (s) => pickOf(look("choice", s, state.looks), state.branches), inner(state.branches));
      case "match":
        return chain.match(name, "tag", (s) => matched(s, state), inner(state.branches));
      case "parallel":
        return chain.parallel(name, inner(state.branches));
      case "map": {
        const { concurrency, looks, each } = state;
        return chain.map(name, { over: (s) => itemsOf(s, looks), each: (x) => build(x, each), concurrency });
      }
      case "block":
        return chain.block(name, (x) => build(x, state.body));
      case "loop": {
        const { looks, rounds, each } = state;
        return chain.loop(name, {
          from: (s) => firstTurn(s, looks),
          each: (x) => build(x, each).set(TURNED + name, (s) => nextTurn(s, looks)),
          until: ({ n }) => n === rounds,
          max: rounds,
        });
      }
      case "wait":
        return chain.wait(name, { for: `${state.hours} hours` });
      case "emit":
        return chain.emit(noted, (s) => look("emit", s, state.looks));
    }
  };
  return plan.reduce(follow, b);
}

export interface Meaning {
  readonly output: Json;
  /** Inputs of the tasks that run, by path. */
  readonly tasks: Readonly<Record<string, Json>>;
  /** Data of the events that are sent, sorted. */
  readonly emitted: readonly string[];
}

export function meaningOf(plan: PlannedWorkflow, input: Json): Meaning {
  const tasks: Record<string, Json> = {};
  const emitted: string[] = [];

  function run(states: Plan, above: View, prev: Json, prefix: string): readonly [value: Json, s: View] {
    const s: Record<string, Json> = Object.create(above);
    const value = states.reduce((before, state) => {
      const path = prefix + state.name;
      const enter = (branch: string, body: Plan, begin = before, names: View = s) =>
        run(body, names, begin, `${path}/${branch}/`)[0];
      switch (state.kind) {
        case "task": {
          const given = state.looks ? look("input", s, state.looks) : before;
          tasks[path] = given;
          s[state.name] = answer(path, given);
          break;
        }
        case "set":
          s[state.name] = look("set", s, state.looks);
          break;
        case "choice": {
          const branch = pickOf(look("choice", s, state.looks), state.branches);
          s[state.name] = { branch, output: enter(branch, state.branches[branch] ?? []) };
          break;
        }
        case "match": {
          const of = matched(s, state);
          s[state.name] = { branch: of.tag, output: enter(of.tag, state.branches[of.tag] ?? [], of) };
          break;
        }
        case "parallel": {
          const all = Object.entries(state.branches).map(([branch, body]) => [branch, enter(branch, body)]);
          s[state.name] = Object.fromEntries(all);
          break;
        }
        case "map":
          s[state.name] = itemsOf(s, state.looks).map((item, i) =>
            enter(String(i), state.each, item, Object.assign(Object.create(s), { item })),
          );
          break;
        case "block":
          s[state.name] = enter("done", state.body);
          break;
        case "loop": {
          let turn: Json = { ...firstTurn(s, state.looks) };
          for (let n = 1; n <= state.rounds; n++) {
            const names = Object.assign(Object.create(s), { round: { n, state: turn } });
            const [, inner] = run(state.each, names, turn, `${path}/${n}/`);
            turn = { ...nextTurn(inner, state.looks) };
          }
          s[state.name] = turn;
          break;
        }
        case "wait":
          return before;
        case "emit":
          emitted.push(look("emit", s, state.looks));
          return before;
      }
      return s[state.name] ?? null;
    }, prev);
    return [value, s];
  }

  const [last, s] = run(plan.states, { input }, input, "");
  const output = plan.output ? look("output", s, plan.output) : last;
  return { output, tasks, emitted: emitted.toSorted() };
}

// Names tell the depth, so sibling scopes use the same ones and none is taken.
const LEVELS = ["a", "b", "c"];
const NAMES = ["input", "item", "round", ...LEVELS.flatMap((level) => [0, 1, 2, 3].map((i) => level + i))];
const looks: fc.Arbitrary<Looks> = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 4 });
const looksOrNone: fc.Arbitrary<Looks | null> = fc.option(looks);

type Unnamed = PlanState extends infer S ? (S extends PlanState ? Omit<S, "name"> : never) : never;

function statesAt(depth: number): fc.Arbitrary<Plan> {
  const kind = <K extends string>(k: K) => fc.constant(k);
  const flat: fc.WeightedArbitrary<Unnamed>[] = [
    {
      weight: 5,
      arbitrary: fc.record({
        kind: kind("task"),
        node: fc.constantFrom<(keyof typeof NODES)[]>("queued", "inlined", "repeated", "repeatedInline"),
        looks: looksOrNone,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind("set"), looks }) },
    { weight: 1, arbitrary: fc.record({ kind: kind("emit"), looks }) },
    { weight: 1, arbitrary: fc.record({ kind: kind("wait"), hours: fc.integer({ min: 1, max: 48 }) }) },
  ];
  const nested = (): fc.WeightedArbitrary<Unnamed>[] => {
    const inner = statesAt(depth + 1);
    const branches = fc
      .array(inner, { minLength: 1, maxLength: 3 })
      .map((all) => Object.fromEntries(all.map((states, i) => [`branch${i}`, states])));
    return [
      { weight: 2, arbitrary: fc.record({ kind: kind("parallel"), branches }) },
      { weight: 1, arbitrary: fc.record({ kind: kind("choice"), looks, branches }) },
      { weight: 1, arbitrary: fc.record({ kind: kind("match"), looks, branches }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: kind("map"),
          looks,
          concurrency: fc.integer({ min: 1, max: 4 }),
          each: inner,
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: kind("block"), body: inner }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: kind("loop"), looks, rounds: fc.integer({ min: 1, max: 2 }), each: inner }),
      },
    ];
  };
  const state = fc.oneof(...flat, ...(depth + 1 < LEVELS.length ? nested() : []));
  const name = (of: Unnamed, i: number, all: readonly Unnamed[]): PlanState => {
    // The builder names an emit itself.
    const earlier = all.slice(0, i).filter((o) => o.kind === "emit").length;
    const own = earlier === 0 ? "emitNoted" : `emitNoted${earlier + 1}`;
    return { ...of, name: of.kind === "emit" ? own : `${LEVELS[depth]}${i}` };
  };
  return fc.array(state, { maxLength: depth === 0 ? 4 : 3 }).map((all) => all.map(name));
}

export const plannedWorkflow: fc.Arbitrary<PlannedWorkflow> = fc.record({
  states: statesAt(0),
  output: looksOrNone,
});
