/** A Choice as one of the builder's, whose branches end where those of the definition come together. */
import type { Json } from "../../model/json.ts";
import type { ChoiceRule, ChoiceState } from "../definition.ts";
import type { JsonObject } from "../json-kinds.ts";
import type { Chain } from "./chain.ts";
import { Flow } from "./flow.ts";
import type { At } from "./place.ts";
import { testOfQuery } from "./queries.ts";
import { joinOf } from "./routes.ts";
import { testOfRule } from "./rules.ts";
import { type Test, valuesIn } from "./test.ts";
import type { Branch, ChoiceStep } from "./tree.ts";
import { ref, unknown } from "./value.ts";
import { camel, stateName } from "./words.ts";

/** One way to go on. */
interface Way {
  readonly name: string;
  /** Null: no rule holds, and there is no Default. */
  readonly next: string | null;
  /** What is passed on and assigned on this way. */
  readonly fields: object;
}

export function choice(given: At<ChoiceState>): string | null {
  const at = { ...given, flow: given.flow.entered(given.name) };
  const { state, chain, name, place, stop } = at;
  const ways = new Ways();
  const all = rulesOf(at, ways);
  const sure = all.find(({ test }) => test.kind === "constant");
  const rules = sure ? all.slice(0, all.indexOf(sure)) : all;
  const otherwise = sure?.branch ?? ways.to(state.Default ?? null, { ...state, Choices: undefined });
  const leads = ways.all.filter((way) => way.name === otherwise || rules.some(({ branch }) => branch === way.name));
  const starts = leads.flatMap(({ next }) => (next === null ? [] : [next]));
  const joined = joinOf(place.nexts, [...new Set(starts)], stop);
  if (joined.kind === "tangled") {
    chain.refuse(name, "its branches do not come together in one state");
    chain.isEnded = true;
    return null;
  }
  const chains = leads.map((way) => [way, along(at, way, joined.at)] as const);
  const step = chain.name(name);
  const ends = chains.map(([, one]) => one);
  chain.join(name, ref(step, "output"), ends);
  const branches = chains.map(([way, { steps }]): Branch => ({ name: way.name, steps }));
  chain.steps.push({ kind: "choice", name: step, rules, otherwise, branches });
  chain.previous = ref(step);
  return joined.at;
}

/** A branch for each state that comes next, unless what is passed on differs. */
class Ways {
  readonly #ways = new Map<string, Way>();
  readonly #names = new Set<string>();

  to(next: string | null, fields: object): string {
    const { InputPath, OutputPath, Output, Assign } = fields as Readonly<Record<string, Json>>;
    const own = { ...(InputPath !== undefined && { InputPath }), ...(OutputPath !== undefined && { OutputPath }) };
    const given = { ...own, ...(Output !== undefined && { Output }), ...(Assign !== undefined && { Assign }) };
    const key = JSON.stringify([next, given]);
    const before = this.#ways.get(key);
    if (before) return before.name;
    const name = stateName(camel(next ?? "none"), this.#names);
    this.#names.add(name);
    this.#ways.set(key, { name, next, fields: given });
    return name;
  }

  get all(): readonly Way[] {
    return [...this.#ways.values()];
  }
}

function rulesOf({ state, flow, chain, name }: At<ChoiceState>, ways: Ways): ChoiceStep["rules"] {
  const { InputPath, OutputPath } = state;
  const paths = { ...(InputPath !== undefined && { InputPath }), ...(OutputPath !== undefined && { OutputPath }) };
  return state.Choices.flatMap((rule) => {
    const test = testOf(rule, flow);
    chain.check(name, ...valuesIn(test));
    if (test.kind === "constant" && !test.value) return [];
    return [{ test, branch: ways.to(rule.Next, { ...paths, ...rule }) }];
  });
}

function testOf(rule: ChoiceRule, flow: Flow): Test {
  const refused: Test = {
    kind: "present",
    in: unknown(`it asks '${"Condition" in rule ? String(rule.Condition) : ""}'`),
    keys: [],
  };
  if ("Condition" in rule) return testOfQuery(rule.Condition, flow.reading()) ?? refused;
  return testOfRule(rule as unknown as JsonObject, flow.reading()); // a definition is JSON
}

function along({ chain, name, flow, place }: At<ChoiceState>, way: Way, stop: string | null): Chain {
  const branch = chain.fork();
  if (way.next === null) {
    const message = { kind: "literal", value: `no choice of '${name}' holds` } as const;
    branch.steps.push({ kind: "fail", code: "NoChoiceMatched", message });
    branch.isEnded = true;
    return branch;
  }
  const own = new Flow(way.fields, flow.isJsonata, branch, flow.effective);
  branch.pass(name, own);
  place.walk(place, branch, { start: way.next, stop });
  return branch;
}
