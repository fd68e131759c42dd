/** What a definition becomes: a graph that says what its functions may have to do, and what they are called. */
import { node } from "pawl";
import { fromAsl } from "pawl/asl";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isPawlError } from "../../lib/errors.ts";
import { type Reach, reachOf } from "../../lib/model/reach.ts";

const io = { input: z.json(), output: z.json() };
const functions = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, node(name, io)]));
const task = (name: string, more: object) => ({
  Type: "Task",
  Resource: `arn:aws:lambda:eu-west-1:123456789012:function:${name}`,
  ...more,
});
const machine = (States: Record<string, object>) =>
  fromAsl({ StartAt: Object.keys(States)[0], States }, { name: "machine", functions });
const reach = (States: Record<string, object>, of: string): Reach =>
  reachOf(machine(States).program.graph, { node: of });
const all = ["States.ALL"];

describe("a function of a state machine reaches", () => {
  it("what a failure of its state leads to, and what comes next", () => {
    const states = {
      A: task("a", { Catch: [{ ErrorEquals: all, Next: "C" }], Next: "B" }),
      B: task("b", { End: true }),
      C: task("c", { End: true }),
    };
    expect(reach(states, "a")).toEqual({ queued: ["a", "b", "c"], inline: [], emits: [], calls: [] });
    expect(reach(states, "b").queued).toEqual(["b"]);
  });
  it("what a failure out of its branch leads to, and looks through the log for it", () => {
    const states = {
      P: {
        Type: "Parallel",
        Branches: [
          { StartAt: "A", States: { A: task("a", { End: true }) } },
          { StartAt: "B", States: { B: task("b", { End: true }) } },
        ],
        Catch: [{ ErrorEquals: all, Next: "C" }],
        Next: "D",
      },
      C: task("c", { End: true }),
      D: task("d", { End: true }),
    };
    expect(reach(states, "a")).toEqual({ queued: ["a", "c", "d"], inline: [], emits: [], calls: [], closes: true });
    expect(reach(states, "c")).toEqual({ queued: ["c"], inline: [], emits: [], calls: [] });
  });
  it("a schedule, where it is tried again later than a queue holds a message back", () => {
    const retry = (more: object) => ({ A: task("a", { Retry: [{ ErrorEquals: all, ...more }], End: true }) });
    expect(reach(retry({ IntervalSeconds: 300, MaxAttempts: 2 }), "a").sleeps).toBeUndefined();
    expect(reach(retry({ IntervalSeconds: 300, MaxAttempts: 3 }), "a").sleeps).toBe(true);
    expect(reach(retry({ IntervalSeconds: 300, MaxAttempts: 3, MaxDelaySeconds: 900 }), "a").sleeps).toBeUndefined();
    expect(reach(retry({ IntervalSeconds: 3000, MaxAttempts: 0 }), "a").sleeps).toBeUndefined();
  });
  it("whatever function's name may be worked out", () => {
    const Resource = "arn:aws:states:::lambda:invoke";
    const states = { A: { Type: "Task", Resource, Parameters: { "FunctionName.$": "$.name" }, End: true } };
    expect(Object.keys(machine(states).program.graph.nodes)).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a definition", () => {
  it("has the same hash however it is written, and another one where an expression differs", () => {
    const pass = (Parameters: object) => machine({ A: { Type: "Pass", Parameters, End: true } }).program.hash;
    expect(pass({ "x.$": "$.a", y: 1 })).toBe(pass({ y: 1, "x.$": "$.a" }));
    expect(pass({ "x.$": "$.a" })).not.toBe(pass({ "x.$": "$.b" }));
  });
  it("whose function has no node is refused, and so is what is not supported, each with all that is wrong", () => {
    const refusal = (states: Record<string, object>): string => {
      try {
        machine(states);
        return "taken";
      } catch (error) {
        return isPawlError(error) ? `${error.code}\n${error.message}` : String(error);
      }
    };
    const unknown = refusal({ A: task("x", { Next: "B" }), B: task("y", { End: true }) });
    expect(unknown).toMatch(/^invalid_workflow/);
    expect(unknown).toContain("A: the function 'x' has no node");
    expect(unknown).toContain("B: the function 'y' has no node");
    const queue = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Parameters: {}, End: true };
    expect(refusal({ A: queue })).toMatch(/^invalid_definition.*UNSUPPORTED/s);
    expect(refusal({ A: { Type: "Pass", Next: "B" } })).toMatch(/^invalid_definition.*MISSING_TRANSITION_TARGET/s);
  });
});
