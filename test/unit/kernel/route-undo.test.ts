/** What follows what undoes others: its stage, the next stage where it lies, and in the end what follows the plan. */
import { describe, expect, it } from "vitest";
import { type Bindings, type Effect, START_KEY } from "../../../lib/kernel/record.ts";
import { ABSENT, type Read } from "../../../lib/kernel/ref.ts";
import { type RouteContext, routeAfter, routeFailed } from "../../../lib/kernel/route.ts";
import type { Json } from "../../../lib/model/json.ts";
import { routableOf, scopeOf, task } from "../../support/graphs.ts";
import { ROUTING } from "../../support/walk.ts";

const bind: Bindings = { prev: "step/a", undo: { scope: "r", stage: 0, member: 2, of: 3 } };
const end: Effect = { kind: "end" };
const next: Effect = { kind: "step", path: "b/undo", bind };
const context = (read: Read = () => ABSENT): RouteContext => ({
  ...{ ...ROUTING, program: routableOf(scopeOf({ a: task(null) })), key: START_KEY },
  read,
});
const after = (path: string, read?: Read) => routeAfter(context(read), path, "step/a/undo", bind);
/** Reads these values once they have been asked for: a record that is not there stays undefined. */
function loading(values: Record<string, Json>): { readonly read: Read; readonly load: (ref: string) => void } {
  const loaded = new Set<string>();
  return { read: (ref) => (loaded.has(ref) ? values[ref] : ABSENT), load: (ref) => void loaded.add(ref) };
}
const plan = "decide/r#undo!plan";

it("an undo step arrives at its stage, with its seat there", () => {
  expect(after("a/undo")).toEqual({
    kind: "decided",
    decision: {
      next: [{ kind: "arrive", path: "r#undo~0", member: 2, of: 3, output: "step/a/undo", bind }],
    },
  });
});

it("an undo step that fails makes the execution stuck", () => {
  const error = { code: "crashed", message: "", path: "a/undo" };
  expect(routeFailed(context(), error, bind)).toEqual({
    kind: "decided",
    decision: { next: [{ kind: "stuck", error }] },
  });
});

describe("a stage that is undone", () => {
  const stages = (...all: readonly (readonly Effect[])[]): Json => ({ stages: all, follows: end }) as unknown as Json;

  it("is followed by the next one of its plan, which is asked for, and in the end by what follows the plan", () => {
    const longer = loading({ [plan]: stages([], [next]) });
    const asked = after("r#undo~0", longer.read);
    expect(asked).toMatchObject({ kind: "missing", ref: plan });
    longer.load(plan);
    expect(asked.kind !== "decided" && asked.resume()).toEqual({ kind: "decided", decision: { next: [next] } });
    expect(after("r#undo~0", () => stages([]))).toEqual({ kind: "decided", decision: { next: [end] } });
  });
  it("is asked for again while its plan is not there", () => {
    expect(after("r#undo~0", () => undefined)).toMatchObject({ kind: "missing", ref: plan });
  });
  it("of a plan in lists is followed by the next one, which is asked for where it lies", () => {
    const lies = "list/r#undo#4be7.1!items";
    const values: Record<string, Json> = {
      [plan]: { list: "list/r#undo#4be7", of: 2, follows: end } as unknown as Json,
    };
    const lists = loading({ ...values, [lies]: [next] as unknown as Json });
    lists.load(plan);
    const asked = after("r#undo~0", lists.read);
    expect(asked).toMatchObject({ kind: "missing", ref: lies });
    lists.load(lies);
    expect(asked.kind !== "decided" && asked.resume()).toEqual({ kind: "decided", decision: { next: [next] } });
    expect(() => after("r#undo~0", (ref) => values[ref])).toThrow(
      `nothing lies at ${lies}, where the plan of r goes on`,
    );
  });
});
