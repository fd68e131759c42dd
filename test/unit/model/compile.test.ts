import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, event, isPawlError, type NodeOptions, node, signal, workflow } from "../../../lib/index.ts";
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
  race(...args: unknown[]): Untyped;
  loop(...args: unknown[]): Untyped;
  wait(...args: unknown[]): Untyped;
  waitFor(...args: unknown[]): Untyped;
  call(...args: unknown[]): Untyped;
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
const asked = signal("asked", { data: json });
const other = contract("other", { input: json, output: json, errors: ["Gone"] });
const quiet = node("quiet", { input: json });
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
    ...["input", "item", "round", "error", "output"].map((name): [string, () => Untyped, string] => [
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
      "that a rate or a longest delay is out of range",
      () => begin().task(nodeWith({ retry: { rate: 0.5, maxDelay: "25 hours" } })),
      ["step: retry.rate is a number from 1 to 100, not 0.5", "step: retry.maxDelay '25 hours' is above a day"],
    ],
    [
      "that a code to try again is nobody's",
      () => begin().task(nodeWith({ errors: ["Busy"], retry: { on: ["Busy", "timeout", "Other"] } })),
      "step: retry.on: 'Other' is neither declared by the node 'step' nor one of the system's codes",
    ],
    [
      "that a heartbeat is no shorter than the timeout, of the node or of a visit",
      () =>
        begin()
          .task(nodeWith({ heartbeat: "30 seconds" }))
          .task(node("other", { input: json, heartbeat: "20 seconds" }), { timeout: "20 seconds" })
          .task(node("third", { input: json, timeout: "1 minute" }), { heartbeat: "61 seconds" }),
      [
        "step: heartbeat is 30 s and has to be shorter than timeout, which is 30 s",
        "other: heartbeat is 20 s and has to be shorter than timeout, which is 20 s",
        "third: heartbeat is 61 s and has to be shorter than timeout, which is 60 s",
      ],
    ],
    [
      "that a visit's timeout is too long",
      () => begin().task(step, { timeout: "15 minutes" }),
      "step: timeout '15 minutes' is above 14 minutes: split the node",
    ],
    [
      "that a repeatable node has an undo",
      () => begin().task(nodeWith({ repeatable: true }), { undo: quiet }),
      "step: the node 'step' is repeatable, so nothing tells whether it was attempted, and it cannot have an undo: leave out one of the two",
    ],
    [
      "that the function of an undo is none",
      () => begin().task(step, { undo: { node: quiet, input: "s.output" } }),
      "step.undo: a function is wanted here, not string",
    ],
    [
      "that a wait is too short, too long, or neither a duration nor a time",
      () =>
        begin("flow", { timeout: "366 days" })
          .wait("a", { for: "0.5 seconds" })
          .wait("b", { for: "367 days" })
          .wait("c", {})
          .wait("d", { for: "1 day", until: slot })
          .wait("e", { for: "a while" })
          .wait("f", { until: "tomorrow" }),
      [
        "a: for '0.5 seconds' is out of range: from 1 second to 366 days",
        "b: for '367 days' is out of range: from 1 second to 366 days",
        "c: a wait has either `for` (a duration) or `until` (a time)",
        "d: a wait has either `for` (a duration) or `until` (a time)",
        `e: for 'a while' is no duration: write "30 seconds", "5 minutes", "2 hours" or "1 day"`,
        "f.until: a function is wanted here, not string",
      ],
    ],
    [
      "that a wait outlives its execution",
      () => begin().wait("a", { for: "31 days" }).waitFor(asked, { timeout: "40 days" }),
      [
        "a: for '31 days' is longer than an execution lives (30 days): give the workflow a longer timeout",
        "asked: timeout '40 days' is longer than an execution lives (30 days): give the workflow a longer timeout",
      ],
    ],
    [
      "that a wait outlives the workflow's own timeout",
      () => begin("flow", { timeout: "1 day" }).wait("a", { for: "36 hours" }),
      "a: for '36 hours' is longer than an execution lives (1 day): give the workflow a longer timeout",
    ],
    [
      "that the workflow's timeout is out of range",
      () => begin("flow", { timeout: "1000 days" }),
      "workflow: timeout '1000 days' is out of range: from 1 second to 366 days",
    ],
    ...[0, 100_001, 1.5].map((n): [string, () => Untyped, string] => [
      `that a loop cannot have ${n} rounds`,
      () => begin().loop("l", { from: slot, each: same, until: slot, max: n }),
      `l: max is a whole number from 1 to 100000, not ${n}`,
    ]),
    [
      "that a loop lacks its functions",
      () => begin().loop("l", { from: 1, each: undefined, until: true, max: 1 }),
      [
        "l.from: a function is wanted here, not number",
        "l.until: a function is wanted here, not boolean",
        "l/each: a branch is a function that gives back the builder it was given: (b) => b.task(…)",
      ],
    ],
    [
      "that a map tolerates what is no number of failures",
      () =>
        begin()
          .map("a", { over: slot, each: same, tolerate: { count: -1 } })
          .map("b", { over: slot, each: same, tolerate: { share: 1.1 } })
          .map("c", { over: slot, each: same, results: "list" }),
      [
        "a: tolerate.count is a whole number from 0 to 1000000, not -1",
        "b: tolerate.share is a number from 0 to 1, not 1.1",
        `c: results is "reference" or left out, not 'list'`,
      ],
    ],
    [
      "that a race has no loser",
      () => begin().race("r", { x: same }),
      "r: a race of one branch has no loser: give it two at least, or use block",
    ],
    [
      "that a succeed stands in a race",
      () => begin().race("r", { x: (b: Untyped) => b.succeed(slot), y: same }),
      "r/x/succeed: succeed ends the execution, so it cannot stand inside a parallel, a map or a race: go on instead",
    ],
    [
      "that nothing inside a block fails with what it catches",
      () =>
        begin()
          .block("a", (b: Untyped) => b.task(nodeWith({ errors: ["Busy", "Asleep"] })), {
            catch: { Bussy: same, loop_limit: same, Busy: same, any: same },
          })
          .block("b", (b: Untyped) => b.wait("nap", { for: "1 day" }), { catch: { timeout: same } })
          .block("c", same, { catch: {} }),
      [
        "a: catch: nothing inside can fail with 'Bussy': it may with Asleep, Busy",
        "a: catch: nothing inside can fail with 'loop_limit'",
        "b: catch: nothing inside can fail with 'timeout'",
        "c: catch has no code: give it at least one, or leave it out",
      ],
    ],
    [
      "that a block catches what one inside has caught, or an item's failure that is tolerated",
      () =>
        begin()
          .block("a", (b: Untyped) => b.block("in", (c: Untyped) => c.fail("No", slot), { catch: { No: same } }), {
            catch: { No: same },
          })
          .block(
            "b",
            (b: Untyped) =>
              b.map("m", { over: slot, each: (c: Untyped) => c.fail("No", slot), tolerate: { count: 1 } }),
            { catch: { No: same } },
          ),
      ["a: catch: nothing inside can fail with 'No'", "b: catch: nothing inside can fail with 'No'"],
    ],
    [
      "that a signal's name is refused, or stands for two",
      () =>
        begin()
          .waitFor(signal("Asked", { data: json }).as("fine"))
          .waitFor(asked)
          .waitFor(signal("asked", { data: z.string() }).as("other")),
      [
        `fine: the signal name 'Asked' is refused: ${rule}`,
        "other: two signals are named 'asked': a name stands for one contract",
      ],
    ],
    [
      "that a signal is waited for twice under one name",
      () => begin().waitFor(asked).waitFor(asked),
      `asked: the name 'asked' is taken: give one of them another (.as("…"))`,
    ],
    [
      "that a called workflow's name or codes are refused, or the name stands for two",
      () =>
        begin()
          .call(contract("Other", { input: json, errors: ["no"] }), { as: "fine" })
          .call(other)
          .call(contract("other", { input: z.string() }), { as: "again" }),
      [
        `fine: the workflow name 'Other' is refused: ${rule}`,
        `fine: the code 'no' is refused: ${codeRule}`,
        "again: two workflows are named 'other': a name stands for one contract",
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
      "with waits as long as its timeout, from a second on",
      () =>
        begin("flow", { timeout: "366 days" }).wait("a", { for: "366 days" }).waitFor(asked, { timeout: "1 second" }),
    ],
    [
      "with the names of a loop, a race and a catch again after them",
      () =>
        begin()
          .loop("l", { from: slot, each: (b: Untyped) => b.set("a", slot), until: slot, max: 100_000 })
          .race("r", { x: (b: Untyped) => b.set("a", slot), y: same })
          .block("b", (b: Untyped) => b.set("a", slot), { catch: { any: (b: Untyped) => b.set("a", slot) } })
          .set("a", slot),
    ],
    [
      "with catches of everything that can happen",
      () =>
        begin()
          .block("a", (b: Untyped) => b.call(other), { catch: { Gone: same, cancelled: same, loop_limit: same } })
          .block("b", (b: Untyped) => b.waitFor(asked), { catch: { timeout: same } })
          .block("c", (b: Untyped) => b.loop("l", { from: slot, each: same, until: slot, max: 1 }), {
            catch: { loop_limit: same, slot_failed: same },
          })
          .block("d", (b: Untyped) => b.map("m", { over: slot, each: same, tolerate: { share: 0 } }), {
            catch: { too_many_failures: same },
          })
          .block("e", (b: Untyped) => b.task(nodeWith({ errors: ["Busy"] })), {
            catch: { Busy: same, crashed: same, transaction_unmet: same, invalid_output: same },
          })
          .block(
            "f",
            (b: Untyped) =>
              b.block("in", (c: Untyped) => c.task(quiet), { catch: { any: (c: Untyped) => c.fail("No", slot) } }),
            { catch: { No: same } },
          ),
    ],
    [
      "with a loop in which the execution succeeds",
      () => begin().loop("l", { from: slot, each: (b: Untyped) => b.succeed(slot), until: slot, max: 2 }),
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

  it("has the form of every state that waits, repeats, races or calls", () => {
    const { graph, slots } = begin("flow", { timeout: "60 days" })
      .wait("nap", { for: "2 days" })
      .wait("until", { until: slot })
      .waitFor(asked)
      .waitFor(asked.as("again"), { timeout: "1 hour" })
      .race("first", { a: same, b: same })
      .loop("rounds", { from: slot, each: (b: Untyped) => b.set("next", slot), until: slot, max: 3 })
      .call(other, { input: slot })
      .call(other, { as: "apart", detached: true })
      .map("some", { over: slot, each: same, tolerate: { share: 0.1 }, results: "reference" }).program;
    const empty = { start: null, states: {} };
    const at = (name: string) => ({ kind: "slot", slot: name });
    expect(graph.root.states).toEqual({
      nap: { kind: "wait", forMs: 2 * 86_400_000, next: "until" },
      until: { kind: "wait", until: at("until.until"), next: "asked" },
      asked: { kind: "waitFor", signal: "asked", timeoutMs: 7 * 86_400_000, next: "again" },
      again: { kind: "waitFor", signal: "asked", timeoutMs: 3_600_000, next: "first" },
      first: { kind: "race", branches: { a: empty, b: empty }, next: "rounds" },
      rounds: {
        kind: "loop",
        from: at("rounds.from"),
        each: { start: "next", states: { next: { kind: "set", value: at("rounds/each/next.value"), next: null } } },
        until: at("rounds.until"),
        max: 3,
        next: "other",
      },
      other: { kind: "call", workflow: "other", input: at("other.input"), detached: false, next: "apart" },
      apart: { kind: "call", workflow: "other", input: { kind: "previous" }, detached: true, next: "some" },
      some: {
        kind: "map",
        over: at("some.over"),
        each: empty,
        concurrency: 10,
        tolerate: { share: 0.1 },
        results: "reference",
        next: null,
      },
    });
    expect(graph.timeoutMs).toBe(60 * 86_400_000);
    expect(graph.signals).toEqual({ asked: { name: "asked", data: expect.anything() } });
    expect(graph.calls).toMatchObject({ other: { name: "other", errors: ["Gone"] } });
    expect(Object.keys(slots)).toContain("rounds.until");
  });

  it("has the catches of a block by code, the one for any code last", () => {
    const caught = (codes: readonly string[]) =>
      begin().block("b", (b: Untyped) => b.fail("No", slot), {
        catch: Object.fromEntries(codes.map((code) => [code, (c: Untyped) => c.set("x", slot)])),
      }).program;
    const one = caught(["any", "slot_failed", "No"]);
    expect(one.graph.root.states.b).toMatchObject({
      kind: "block",
      catch: ["No", "slot_failed", "any"].map((code) => ({
        codes: [code],
        branch: { scope: { states: { x: { value: { slot: `b/${code}/x.value` } } } } },
      })),
    });
    expect(caught(["No", "any", "slot_failed"]).hash).toBe(one.hash);
  });

  it("says of a visit what differs from its node, and how it is undone", () => {
    const { graph } = begin()
      .task(step, { timeout: "1 minute", heartbeat: "5 seconds", undo: quiet })
      .task(step.as("again"), { undo: { node: quiet.as("any"), input: slot } }).program;
    expect(graph.root.states).toMatchObject({
      step: { timeoutMs: 60_000, heartbeatMs: 5000, undo: { node: "quiet", input: { kind: "previous" } } },
      again: { undo: { node: "quiet", input: { kind: "slot", slot: "again.undo" } } },
    });
    expect(Object.keys(graph.nodes)).toEqual(["step", "quiet"]);
    expect(graph.root.states.again).not.toHaveProperty("timeoutMs");
  });

  it("says of a node's attempts what is not as by default", () => {
    const { graph } = begin().task(
      nodeWith({
        errors: ["Busy"],
        heartbeat: "5 seconds",
        retry: { rate: 1.5, jitter: false, on: ["timeout", "Busy"] },
      }),
    ).program;
    expect(graph.nodes.step).toMatchObject({
      heartbeatMs: 5000,
      retry: {
        maxAttempts: 3,
        firstDelayMs: 1000,
        rate: 1.5,
        maxDelayMs: 60_000,
        jitter: false,
        codes: ["Busy", "timeout"],
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
