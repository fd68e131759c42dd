import { describe, expect, it } from "vitest";
import { z } from "zod";
import { event, isPawlError, type NodeOptions, node, workflow } from "../../../lib/index.ts";
import type { Program } from "../../../lib/model/program.ts";

/** The builder as plain JavaScript knows it: no types to stop anyone. */
interface Untyped {
  readonly program: Program;
  task(...args: unknown[]): Untyped;
  set(...args: unknown[]): Untyped;
  choice(...args: unknown[]): Untyped;
  match(...args: unknown[]): Untyped;
  parallel(...args: unknown[]): Untyped;
  map(...args: unknown[]): Untyped;
  block(...args: unknown[]): Untyped;
  emit(...args: unknown[]): Untyped;
  fail(...args: unknown[]): Untyped;
  succeed(...args: unknown[]): Untyped;
  output(...args: unknown[]): Untyped;
}
const json = z.json();
const begin = (name = "flow", options: object = {}) =>
  workflow(name, { input: json, ...options }) as unknown as Untyped;
const step = node("step", { input: json, output: json });
const told = event("shop", "Told", { version: 1, data: json });
const same = (b: Untyped) => b;
const slot = () => "x";
const nodeWith = (options: Partial<NodeOptions> & { output?: unknown; input?: unknown }) =>
  node("step", { input: json, output: json, ...options } as Parameters<typeof node>[1]);
const long = "x".repeat(33);
const rule = "a name is camelCase, begins with a small letter and has at most 32 letters and digits";
const codeRule = "a code of your own begins with a capital letter and has at most 64 letters and digits";

function problemsOf(build: () => Untyped): readonly string[] {
  try {
    build().program;
  } catch (error) {
    if (isPawlError(error) && error.code === "invalid_workflow") return error.detail.problems as string[];
    throw error;
  }
  return [];
}

describe("a wrong workflow is told", () => {
  it.each<[string, () => Untyped, string | string[]]>([
    ["that its name is refused", () => begin("Flow"), `workflow: the name 'Flow' is refused: ${rule}`],
    [
      "that a state's name is refused",
      () => begin().set("no way", slot),
      `no way: the name 'no way' is refused: ${rule}`,
    ],
    [
      "that a name has a character too many",
      () => begin().set(long, slot),
      `${long}: the name '${long}' is refused: ${rule}`,
    ],
    [
      "that a branch's name is refused",
      () => begin().parallel("p", { "A-B": same }),
      `p: the branch name 'A-B' is refused: ${rule}`,
    ],
    [
      "that a node's name is refused",
      () => begin().task({ ...step, node: "No" }),
      `step: the node name 'No' is refused: ${rule}`,
    ],
    ...["input", "item", "round", "error"].map((name): [string, () => Untyped, string] => [
      `that '${name}' is reserved`,
      () => begin().set(name, slot),
      `${name}: '${name}' is reserved: give this state another name`,
    ]),
    [
      "that a name is taken in its scope",
      () => begin().task(step).task(step),
      `step: the name 'step' is taken: give one of them another (.as("…"))`,
    ],
    [
      "that a name is taken above",
      () =>
        begin()
          .set("a", slot)
          .block("b", (b: Untyped) => b.parallel("c", { x: (c: Untyped) => c.set("a", slot) })),
      `b/done/c/x/a: the name 'a' is taken: give one of them another (.as("…"))`,
    ],
    [
      "that a name is taken by what an emit is called",
      () => begin().emit(told, slot).set("emitTold", slot),
      `emitTold: the name 'emitTold' is taken: give one of them another (.as("…"))`,
    ],
    [
      "that something follows a fail",
      () => begin().fail("No", slot).set("a", slot),
      "workflow: 'a' follows a fail, which ends its branch: put it before, or into another branch",
    ],
    [
      "that something follows a succeed, inside a branch",
      () => begin().choice("c", slot, { x: (b: Untyped) => b.succeed(slot).set("a", slot) }),
      "c/x: 'a' follows a succeed, which ends its branch: put it before, or into another branch",
    ],
    [
      "that something follows the output",
      () => begin().output(slot).set("a", slot),
      "workflow: 'a' follows output(), which comes last",
    ],
    [
      "that a succeed stands in a parallel",
      () => begin().parallel("p", { x: (b: Untyped) => b.succeed(slot) }),
      "p/x/succeed: succeed ends the execution, so it cannot stand inside a parallel, a map or a race: go on instead",
    ],
    [
      "that a succeed stands in a choice in a map",
      () =>
        begin().map("m", {
          over: slot,
          each: (b: Untyped) => b.choice("c", slot, { x: (c: Untyped) => c.succeed(slot) }),
        }),
      "m/each/c/x/succeed: succeed ends the execution, so it cannot stand inside a parallel, a map or a race: go on instead",
    ],
    ["that a choice has no branch", () => begin().choice("c", slot, {}), "c: has no branch: give it at least one"],
    ["that a parallel has no branch", () => begin().parallel("p", {}), "p: has no branch: give it at least one"],
    [
      "that a branch gives back no builder",
      () => begin().parallel("p", { x: () => 1, y: undefined }),
      [
        "p/x: a branch is a function that gives back the builder it was given: (b) => b.task(…)",
        "p/y: a branch is a function that gives back the builder it was given: (b) => b.task(…)",
      ],
    ],
    ["that a function is missing", () => begin().set("a", 5), "a.value: a function is wanted here, not number"],
    [
      "that functions are missing wherever they are wanted",
      () =>
        begin()
          .task(step, { input: "s.x" })
          .choice("c", undefined, { x: same })
          .match("m", "kind", {}, { x: same })
          .map("l", { over: [], each: same })
          .emit(told, null)
          .fail("No", "text"),
      [
        "step.input: a function is wanted here, not string",
        "c.pick: a function is wanted here, not undefined",
        "m.of: a function is wanted here, not object",
        "l.over: a function is wanted here, not object",
        "emitTold.data: a function is wanted here, not object",
        "fail.message: a function is wanted here, not string",
      ],
    ],
    ...[0, -1, 1.5, 1001, Number.NaN].map((n): [string, () => Untyped, string] => [
      `that a map cannot have ${n} lanes`,
      () => begin().map("m", { over: slot, each: same, concurrency: n }),
      `m: concurrency is a whole number from 1 to 1000, not ${n}`,
    ]),
    ...[0, 101, 2.5].map((n): [string, () => Untyped, string] => [
      `that a node cannot be tried ${n} times`,
      () => begin().task(nodeWith({ retry: { maxAttempts: n } })),
      `step: retry.maxAttempts is a whole number from 1 to 100, not ${n}`,
    ]),
    [
      "that a timeout is no duration",
      () => begin().task(nodeWith({ timeout: "soon" as "1 second" })),
      `step: timeout 'soon' is no duration: write "30 seconds", "5 minutes", "2 hours" or "1 day"`,
    ],
    [
      "that a timeout is no time at all",
      () => begin().task(nodeWith({ timeout: "0 seconds" })),
      `step: timeout '0 seconds' is no duration: write "30 seconds", "5 minutes", "2 hours" or "1 day"`,
    ],
    [
      "that a timeout is a second too long",
      () => begin().task(nodeWith({ timeout: "841 seconds" })),
      "step: timeout '841 seconds' is above 14 minutes: split the node",
    ],
    [
      "that delays are no durations",
      () => begin().task(nodeWith({ retry: { firstDelay: "x" as "1 second", maxDelay: "0 days" } })),
      [
        `step: retry.firstDelay 'x' is no duration: write "30 seconds", "5 minutes", "2 hours" or "1 day"`,
        `step: retry.maxDelay '0 days' is no duration: write "30 seconds", "5 minutes", "2 hours" or "1 day"`,
      ],
    ],
    [
      "that a fail's code is refused",
      () => begin().fail("tooLate", slot),
      `fail: the code 'tooLate' is refused: ${codeRule}`,
    ],
    [
      "that a code has a character too many",
      () => begin().fail(`X${"x".repeat(64)}`, slot),
      `fail: the code 'X${"x".repeat(64)}' is refused: ${codeRule}`,
    ],
    [
      "that a node's declared codes are refused, each",
      () => begin().task(nodeWith({ errors: ["Fine", "timeout", "Not-Fine"] })),
      [`step: the code 'timeout' is refused: ${codeRule}`, `step: the code 'Not-Fine' is refused: ${codeRule}`],
    ],
    [
      "that two nodes have one name",
      () =>
        begin()
          .task(step)
          .task(nodeWith({ output: z.string() }).as("other")),
      "other: two nodes are named 'step': a name stands for one contract",
    ],
    [
      "that two nodes of one name differ in what is said of them",
      () =>
        begin()
          .task(nodeWith({ inline: true }))
          .task(nodeWith({}).as("other")),
      "other: two nodes are named 'step': a name stands for one contract",
    ],
    [
      "that two events are the same and differ",
      () =>
        begin()
          .emit(told, slot)
          .emit(event("shop", "Told", { version: 1, data: z.string() }), slot),
      "emitTold2: two events are shop/Told@1: give the changed one a new version",
    ],
    [
      "that AWS would refuse an event's source",
      () => begin().emit(event("aws.shop", "Told", { version: 1, data: json }), slot),
      "emitTold: the event source 'aws.shop' is refused: letters, digits and . _ / - , not 'aws.'",
    ],
    [
      "that AWS would refuse an event's type",
      () => begin("flow", { on: event("shop", "a/b", { version: 1, data: json }) }),
      "on: the event type 'a/b' is refused: at most 128 letters, digits, spaces and . _ -",
    ],
    [
      "that an event's version is no number from 1",
      () => begin("flow", { on: event("shop", "Told", { version: 0, data: json }) }),
      "on: an event's version is a whole number from 1, not 0",
    ],
    [
      "that the input's schema is not of JSON",
      () => begin("flow", { input: z.date() }),
      "workflow: the input schema does not describe JSON: Date cannot be represented in JSON Schema",
    ],
    [
      "that a node's schemas are not of JSON",
      () => begin().task(nodeWith({ input: z.bigint(), output: z.map(z.string(), z.string()) })),
      [
        "step: the input schema does not describe JSON: BigInt cannot be represented in JSON Schema",
        "step: the output schema does not describe JSON: Map cannot be represented in JSON Schema",
      ],
    ],
  ])("%s", (_, build, lines) => {
    expect(problemsOf(build)).toEqual([lines].flat());
  });

  it("everything at once, in one message, with the states' names", () => {
    const build = () =>
      begin("Flow")
        .set("input", slot)
        .parallel("p", { x: (b: Untyped) => b.fail("no", slot) });
    expect(() => build().program).toThrow(
      [
        "workflow 'Flow' has 3 mistakes:",
        `  - workflow: the name 'Flow' is refused: ${rule}`,
        "  - input: 'input' is reserved: give this state another name",
        `  - p/x/fail: the code 'no' is refused: ${codeRule}`,
      ].join("\n"),
    );
  });

  it("as often as it is used", () => {
    const wrong = begin("Flow");
    expect(() => wrong.program).toThrow("has a mistake");
    expect(() => wrong.program).toThrow("has a mistake");
  });
});

describe("a workflow is right", () => {
  it.each<[string, () => Untyped]>([
    ["with a name of 32 characters", () => begin("x".repeat(32)).set("y".repeat(32), slot)],
    [
      "with one lane and with 1000",
      () =>
        begin()
          .map("a", { over: slot, each: same, concurrency: 1 })
          .map("b", { over: slot, each: same, concurrency: 1000 }),
    ],
    [
      "with one attempt and with 100",
      () =>
        begin()
          .task(nodeWith({ retry: { maxAttempts: 1 } }))
          .task(node("other", { input: json, output: json, retry: { maxAttempts: 100 } }).as("b")),
    ],
    ["with a timeout of 14 minutes", () => begin().task(nodeWith({ timeout: "14 minutes" }))],
    ["with a code of 64 characters", () => begin().fail(`X${"x".repeat(63)}`, slot)],
    [
      "with one name in sibling branches, and after them",
      () =>
        begin()
          .parallel("p", { x: (b: Untyped) => b.set("a", slot), y: (b: Untyped) => b.set("a", slot) })
          .set("a", slot),
    ],
    ["with one node twice, under two names", () => begin().task(step).task(step.as("again"))],
    [
      "with a succeed in a choice in a block",
      () => begin().block("b", (b: Untyped) => b.choice("c", slot, { x: (c: Untyped) => c.succeed(slot), y: same })),
    ],
    ["with the same event sent twice", () => begin().emit(told, slot).emit(told, slot)],
    [
      "with the same event sent in a branch and before it",
      () =>
        begin()
          .emit(told, slot)
          .choice("c", slot, { x: (b: Untyped) => b.emit(told, slot) }),
    ],
    [
      "with a fail in a branch within a branch that fails too",
      () =>
        begin().choice("c", slot, {
          x: (b: Untyped) => b.choice("d", slot, { y: (d: Untyped) => d.fail("No", slot), z: same }).fail("No", slot),
        }),
    ],
    [
      "with two versions of an event",
      () =>
        begin()
          .emit(told, slot)
          .emit(event("shop", "Told", { version: 2, data: json }), slot),
    ],
  ])("%s", (_, build) => {
    expect(problemsOf(build)).toEqual([]);
  });
});

describe("the graph", () => {
  it("holds states in order with their transitions, and names its functions", () => {
    const { graph, slots } = workflow("flow", { input: z.object({ n: z.number() }) })
      .task(step, { input: (s) => s.input })
      .set("twice", (s) => s.input.n * 2)
      .output((s) => s.twice).program;
    expect(graph.root).toEqual({
      start: "step",
      states: {
        step: { kind: "task", node: "step", input: { kind: "slot", slot: "step.input" }, next: "twice" },
        twice: { kind: "set", value: { kind: "slot", slot: "twice.value" }, next: null },
      },
    });
    expect(graph.output).toEqual({ kind: "slot", slot: "output" });
    expect(Object.keys(slots)).toEqual(["step.input", "twice.value", "output"]);
  });

  it("is data: JSON gives it back", () => {
    const { graph } = begin("flow", { on: told.by((e) => e.id) })
      .task(step)
      .parallel("p", { x: (b: Untyped) => b.emit(told, slot), y: same })
      .choice("c", slot, { x: (b: Untyped) => b.fail("No", slot) })
      .map("m", { over: slot, each: same }).program;
    expect(JSON.parse(JSON.stringify(graph))).toEqual(graph);
  });

  it("has a node once, with its defaults, however often it is visited", () => {
    const { graph } = begin().task(step).task(step.as("again")).program;
    expect(graph.nodes).toEqual({
      step: {
        ...{ name: "step", errors: [], inline: false, repeatable: false, timeoutMs: 30_000 },
        retry: { maxAttempts: 3, firstDelayMs: 1000, rate: 2, maxDelayMs: 60_000 },
        input: expect.anything(),
        output: expect.anything(),
      },
    });
  });

  it("says null for a node without an output", () => {
    const { graph } = begin().task(node("quiet", { input: json })).program;
    expect(graph.nodes.quiet?.output).toEqual({ type: "null" });
  });

  it("has a trigger with the slot that gives the execution's id", () => {
    expect(begin("flow", { on: told.by(() => "x") }).program.graph.trigger).toMatchObject({
      kind: "event",
      event: { source: "shop", type: "Told", version: 1 },
      id: { kind: "slot", slot: "on.id" },
    });
    expect(begin("flow", { on: told }).program.graph.trigger).not.toHaveProperty("id");
    expect(begin("flow").program.graph).not.toHaveProperty("trigger");
  });

  it("is compiled when it is first used, and once", () => {
    let built = 0;
    const flow = begin().block("b", (b: Untyped) => {
      built++;
      return b;
    });
    expect(built).toBe(1);
    expect(flow.program).toBe(flow.program);
  });
});

describe("a builder", () => {
  it("can be continued in two ways", () => {
    const trunk = begin().set("a", slot);
    const left = trunk.set("b", slot);
    const right = trunk.set("c", slot);
    expect(Object.keys(left.program.graph.root.states)).toEqual(["a", "b"]);
    expect(Object.keys(right.program.graph.root.states)).toEqual(["a", "c"]);
    expect(Object.keys(trunk.program.graph.root.states)).toEqual(["a"]);
  });

  it("names what has no name after what it does, and numbers the second", () => {
    const { graph } = begin()
      .emit(told, slot)
      .emit(event("shop", "Order placed", { version: 1, data: json }), slot)
      .emit(told, slot).program;
    expect(Object.keys(graph.root.states)).toEqual(["emitTold", "emitOrderplaced", "emitTold2"]);
  });

  it("cuts a long event's type so that the name fits", () => {
    const { graph } = begin().emit(event("shop", "T".repeat(128), { version: 1, data: json }), slot).program;
    expect(Object.keys(graph.root.states)[0]).toHaveLength(28);
  });
});
