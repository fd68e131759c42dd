/** Parallel and Map: scopes of their own within one state. */
import type { Json } from "../../model/json.ts";
import type { MapState, ParallelState } from "../definition.ts";
import { blocked } from "./caught.ts";
import { type Chain, UNUSED } from "./chain.ts";
import { named } from "./known.ts";
import { valueOfPath } from "./paths.ts";
import type { At } from "./place.ts";
import { hoisted } from "./tasks.ts";
import type { Branch } from "./tree.ts";
import { faultsOf, partsOf, type Ref, ref, rootsOf, unknown, type Value } from "./value.ts";
import { stateName } from "./words.ts";

const RETRIED = "it is tried again as a whole, and the builder's retry is of a task";

export function parallel(at: At<ParallelState>): string | null {
  const { state, chain, name, flow } = at;
  if (state.Retry?.length) chain.refuse(name, RETRIED);
  const document = given(at, flow.input);
  let names: readonly string[] = [];
  return blocked(at, {
    steps: (body) => {
      const branches = branchesOf(at, body.fork({ document, isForked: true }));
      names = branches.map((branch) => branch.name);
      const step = body.name(name);
      body.steps.push({ kind: "parallel", name: step, branches });
      return body === chain ? step : listed(body, step, names);
    },
    result: (output) => (output.kind === "ref" && isParallel(chain, output) ? outputsOf(output.path, names) : output),
  });
}

const outputsOf = (path: readonly string[], branches: readonly string[]): Value => ({
  kind: "list",
  items: branches.map((branch) => ref(...path, branch)),
});

/** Within a block, whose output is one among others behind it: the list itself. */
function listed(body: Chain, step: string, branches: readonly string[]): string {
  const name = body.name("outputs");
  body.steps.push({ kind: "set", name, value: outputsOf([step], branches) });
  return name;
}

const isParallel = ({ steps }: Chain, { path }: Ref): boolean => {
  const last = steps.at(-1);
  return last?.kind === "parallel" && last.name === path[0];
};

function branchesOf({ state, place, name }: At<ParallelState>, start: Chain): readonly Branch[] {
  const taken = new Set<string>();
  return state.Branches.map((branch) => {
    const chain = start.fork();
    place.inner(branch, chain);
    chain.finish(name);
    const own = stateName(branch.StartAt, taken);
    taken.add(own);
    return { name: own, steps: chain.steps };
  });
}

/** What may fail is worked out before, once; a Catch does not see it there. */
function given(at: At<ParallelState | MapState>, input: Value): Value {
  const { chain, name, state, flow } = at;
  if (!flow.isUsed(input)) chain.refuse(name, UNUSED);
  if (faultsOf(input).size === 0) return input;
  if (state.Catch?.length && faultsOf(input).has("catchable"))
    chain.refuse(name, "its Catch takes up what goes wrong with its input as well");
  return chain.before(name, input);
}

/** How many items of a Map run at once where it does not say, as the definition runs here. */
const CONCURRENCY = 40;
const MOST_CONCURRENCY = 1000;

export function map(at: At<MapState>): string | null {
  const { state, name, place } = at;
  const processor = state.ItemProcessor ?? state.Iterator;
  if (!processor) throw new Error(`the Map '${name}' has no ItemProcessor`); // validated
  refuseFields(at);
  const hasAny = (state.Catch ?? []).some(({ ErrorEquals }) => ErrorEquals.includes("States.ALL"));
  const items = itemsOf(at);
  if (!at.flow.isUsed(items)) at.chain.refuse(name, UNUSED);
  const over = hoisted(at, items, hasAny);
  const { MaxConcurrency: most } = state;
  const concurrency = typeof most === "number" && most > 0 ? most : CONCURRENCY;
  return blocked(at, {
    steps: (body) => {
      body.check(name, over);
      const item = itemOf(items);
      const variables = new Map([...body.variables].map(([variable, value]) => [variable, outside(value)] as const));
      const each = body.fork({ document: item, previous: ref("item"), variables, isForked: true });
      place.inner(processor, each);
      each.finish(name);
      const step = body.name(name);
      body.steps.push({ kind: "map", name: step, over, each: each.steps, concurrency });
      return step;
    },
    result: (output) => output,
  });
}

function refuseFields({ state, chain, name }: At<MapState>): void {
  if (state.Retry?.length) chain.refuse(name, RETRIED);
  const { MaxConcurrency: most } = state;
  if (typeof most === "string" || (most ?? 0) > MOST_CONCURRENCY)
    chain.refuse(name, "how many items run at once is worked out, or is above 1000");
}

function itemsOf({ state, flow }: At<MapState>): Value {
  const { Items, ItemsPath = "$", ItemSelector, Parameters } = state;
  const fault = flow.isJsonata ? "catchable" : "runtime";
  const reading = flow.reading();
  const list = flow.isJsonata
    ? Items === undefined
      ? reading.document
      : flow.value(Items as Json, reading) // validated
    : valueOfPath(ItemsPath, reading);
  const selector = ItemSelector ?? (flow.isJsonata ? undefined : Parameters);
  const local = (name: string): Value => ({ kind: "ref", path: [name], local: true });
  const item = { value: local("item"), index: local("index") };
  const each = selector === undefined ? undefined : flow.value(selector, flow.reading(reading.document, { item }));
  return list.kind === "unknown" ? list : { kind: "items", of: list, ...(each && { each }), fault };
}

/** What is known of an item, whose parts have no other name than its own. */
function itemOf(items: Value): Value {
  const each = items.kind === "items" ? items.each : undefined;
  if (!each) return ref("item");
  // Of some type that is not any JSON.
  if (each.kind !== "object") return named(["item"], each.kind === "literal" ? each : ref("item"));
  const fields = each.fields.map(
    ([field]) => [field, { kind: "at", in: ref("item"), keys: [field] } as const] as const,
  );
  return named(["item"], { kind: "object", fields });
}

/** Within a map, `s.item` is another one. */
function outside(value: Value): Value {
  if (!mentionsItem(value)) return value;
  if (value.kind === "ref" && value.path[0] !== "item") return ref(...value.path);
  return unknown("a variable holds an item of the Map around this one");
}
const mentionsItem = (value: Value): boolean =>
  rootsOf(value).has("item") ||
  (value.kind === "ref" && value.of !== undefined && mentionsItem(value.of)) ||
  partsOf(value).some(mentionsItem);
