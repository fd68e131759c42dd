import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { order } from "../../../functions/order/workflow.ts";
import { contract, event, node, signal, workflow } from "../../../lib/index.ts";
import { locate } from "../../../lib/kernel/address.ts";
import type { Graph } from "../../../lib/model/graph.ts";
import { reachOf } from "../../../lib/model/reach.ts";
import { cyclic, graphOf } from "../../support/graphs.ts";
import { answer, plannedWorkflow, programOf } from "../../support/plan.ts";
import { Walk } from "../../support/walk.ts";

const json = { input: z.json(), output: z.json() };
const [a, b, c] = [node("a", json), node("b", json), node("c", json)];
const aside = node("aside", { ...json, inline: true });
const happened = event("test", "Happened", { version: 1, data: z.json() });
const begin = () => workflow("flow", { input: z.json() });
const of = (built: { readonly program: { readonly graph: Graph } }, name: string) =>
  reachOf(built.program.graph, { node: name });

describe("objects that maps read", () => {
  const reads = { buckets: ["in"], key: "all.csv" };
  const mapped = (built: { readonly program: { readonly graph: Graph } }, more: object): Graph => {
    const { root, ...graph } = built.program.graph;
    const states = Object.entries(root.states).map(([name, state]) => [
      name,
      state.kind === "map" ? { ...state, ...more } : state,
    ]);
    return { ...graph, root: { ...root, states: Object.fromEntries(states) } };
  };
  const flow = begin()
    .task(a)
    .map("m", { over: () => [], each: (e) => e.task(b) })
    .task(c);

  it("are read by who may open the map, and by control", () => {
    const graph = mapped(flow, { reads });
    expect(reachOf(graph, { node: "a" }).reads).toEqual([reads]);
    for (const node of ["b", "c"]) expect(reachOf(graph, { node })).not.toHaveProperty("reads");
    expect(reachOf(graph, "control").reads).toEqual([reads]);
  });
  it("are read by control alone behind a wait, those of older graphs as well, each once", () => {
    const waiting = begin()
      .task(a)
      .wait("w", { for: "1 second" })
      .map("m", { over: () => [], each: (e) => e.task(b) });
    const listed = { buckets: ["in"], list: true } as const;
    const [graph, earlier] = [
      mapped(waiting, { reads }),
      [mapped(waiting, { reads }), mapped(waiting, { reads: listed })],
    ];
    expect(reachOf({ ...graph, earlier }, { node: "a" })).not.toHaveProperty("reads");
    expect(reachOf({ ...graph, earlier }, "control").reads).toEqual([reads, listed]);
  });
});

describe("a node reaches", () => {
  it("what comes next, and itself to try again", () => {
    const flow = begin().task(a).task(b).task(c);
    expect(of(flow, "a")).toEqual({ queued: ["a", "b"], inline: [], emits: [], calls: [] });
    expect(of(flow, "c")).toEqual({ queued: ["c"], inline: [], emits: [], calls: [] });
  });
  it("what follows an inline node that runs inside it, and the inline node's own queue", () => {
    const flow = begin()
      .task(a)
      .task(aside)
      .emit(happened, (s) => s.a)
      .task(c);
    expect(of(flow, "a")).toEqual({
      queued: ["a", "aside", "c"],
      inline: ["aside"],
      emits: ["test/Happened@1"],
      calls: [],
    });
    expect(of(flow, "aside")).toEqual({ queued: ["aside", "c"], inline: [], emits: ["test/Happened@1"], calls: [] });
    expect(of(flow, "c").emits).toEqual([]);
  });
  it("every branch's first node, through branches that are empty", () => {
    const flow = begin()
      .task(a)
      .choice("which", (): "x" | "y" => "x", { x: (w) => w.task(b), y: (w) => w })
      .task(c);
    expect(of(flow, "a").queued).toEqual(["a", "b", "c"]);
    expect(of(flow, "b").queued).toEqual(["b", "c"]);
  });
  it("what follows the join that it may complete, and not its sister branch", () => {
    const flow = begin()
      .parallel("p", { one: (w) => w.task(a), two: (w) => w.task(b) })
      .task(c);
    expect(of(flow, "a").queued).toEqual(["a", "c"]);
  });
  it("the next item of its map, and what follows the map", () => {
    const flow = begin()
      .map("m", { over: () => [1, 2, 3], each: (w) => w.task(a).task(b), concurrency: 1 })
      .task(c);
    expect(of(flow, "a").queued).toEqual(["a", "b"]);
    expect(of(flow, "b").queued).toEqual(["a", "b", "c"]);
  });
  it("what follows it anywhere, where it stands more than once", () => {
    const flow = begin().task(a).task(b).task(a.as("again")).task(c);
    expect(of(flow, "a").queued).toEqual(["a", "b", "c"]);
  });
  it("itself and what transitions lead back to", () => {
    expect(reachOf(graphOf(cyclic), { node: "work" })).toEqual({ queued: ["work"], inline: [], emits: [], calls: [] });
  });
  it("in the example just what its function needs", () => {
    expect(of(order, "reserve")).toEqual({
      queued: ["charge", "packLine", "refund", "release", "reserve", "screen", "ship"],
      inline: ["screen"],
      emits: [],
      calls: [],
      sleeps: true,
    });
    expect(of(order, "ship")).toEqual({
      queued: ["refund", "release", "ship"], // in an execution that is ending
      inline: [],
      emits: ["shop.orders/OrderShipped@1"],
      calls: [],
    });
  });
});

describe("with states that wait, catch, call or undo", () => {
  const answer = signal("answer", { data: z.json() });
  const child = contract("child", { input: z.json() });
  const flow = begin()
    .block("tried", (w) => w.task(a).wait("nap", { for: "1 day" }).task(aside), {
      catch: { any: (w) => w.task(b) },
    })
    .waitFor(answer)
    .task(c, { undo: node("back", { input: z.json().nullable() }) });

  it("a node's function reaches the catch around it and every undo, and what follows a wait is control's", () => {
    expect(of(flow, "a").queued).toEqual(["a", "b", "back"]);
    expect(of(flow, "b").queued).toEqual(["b", "back", "c"]);
    expect(of(flow, "c").queued).toEqual(["back", "c"]);
    expect(reachOf(flow.program.graph, "control").inline).toEqual(["aside"]);
  });
  it("a catch in a catch's way is not around what is in the catch", () => {
    const nested = begin().block("outer", (w) => w.block("inner", (x) => x, { catch: { any: (x) => x.task(a) } }), {
      catch: { any: (w) => w.task(b).task(c) },
    });
    expect(of(nested, "a").queued).toEqual(["a", "b"]);
    expect(of(nested, "b").queued).toEqual(["b", "c"]);
  });
  it("the next round of a loop, and what follows a race", () => {
    const looped = begin()
      .loop("l", {
        from: () => 1,
        each: (w) =>
          w
            .task(a)
            .task(b)
            .set("n", () => 1),
        until: () => true,
        max: 2,
      })
      .race("r", { x: (w) => w.task(c), y: (w) => w.wait("nap", { for: "1 day" }) })
      .task(aside);
    expect(of(looped, "b")).toMatchObject({ queued: ["a", "b", "c"], inline: [] });
    expect(of(looped, "c")).toMatchObject({ queued: ["aside", "c"], inline: ["aside"] });
    expect(reachOf(looped.program.graph, "control").inline).toEqual(["aside"]);
  });
  it("the workflows that it may call", () => {
    const calling = begin().task(a).call(child, {}).task(b).call(child, { as: "apart", detached: true }).task(c);
    expect(of(calling, "a")).toMatchObject({ queued: ["a"], calls: ["child"] });
    expect(of(calling, "b")).toMatchObject({ queued: ["b", "c"], calls: ["child"] });
    expect(of(calling, "c")).toMatchObject({ calls: [] });
    expect(reachOf(calling.program.graph, "control").calls).toEqual(["child"]);
  });
});

describe("the control function reaches", () => {
  it("every queue and event, for it does what dead letters left undone, but runs only what an execution begins with", () => {
    const flow = begin()
      .task(aside)
      .task(a)
      .emit(happened, () => 1)
      .task(aside.as("later"));
    expect(reachOf(flow.program.graph, "control")).toEqual({
      queued: ["a", "aside"],
      inline: ["aside"],
      emits: ["test/Happened@1"],
      calls: [],
    });
    expect(reachOf(begin().task(a).task(aside).program.graph, "control").inline).toEqual([]);
  });
});

describe("a random workflow", () => {
  it("never opens a step that the function at work does not reach", () => {
    fc.assert(
      fc.property(plannedWorkflow, fc.nat(), (plan, seed) => {
        const program = programOf(plan);
        const { graph } = program;
        const nodeAt = (path: string) => {
          const state = locate(graph, path)?.state;
          if (state?.kind !== "task") throw new Error(`no task at ${path}`);
          return state.node;
        };
        const walk = new Walk(program, "in");
        const begun = reachOf(graph, "control");
        for (const { path } of walk.open) expect(begun.queued).toContain(nodeAt(path));
        for (let n = seed; walk.open.length > 0; n++) {
          const effect = walk.open[n % walk.open.length];
          if (!effect) throw new Error("no such open step");
          const before = new Set(walk.open);
          const reach = reachOf(graph, { node: nodeAt(effect.path) });
          walk.settle(effect, answer(effect.path, walk.inputOf(effect)));
          for (const opened of walk.open.filter((e) => !before.has(e))) {
            const { name, inline } = graph.nodes[nodeAt(opened.path)] ?? { name: "", inline: false };
            const { queued, inline: inside } = walk.woken.has(opened) ? begun : reach;
            expect(queued).toContain(name);
            if (inline) expect(inside).toContain(name);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
