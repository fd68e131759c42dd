import { describe, expect, it } from "vitest";
import { copiesOf, planFork } from "../../../lib/kernel/fork.ts";
import {
  type DecisionRecord,
  type EditRecord,
  type Effect,
  type LogRecord,
  START_KEY,
  type StepRecord,
} from "../../../lib/kernel/record.ts";
import type { Json } from "../../../lib/model/json.ts";

const bind = { prev: "x" };
const to = (path: string): Effect => ({ kind: "step", path, bind });
const arriveAt = (path: string, member = 0): Effect => ({ kind: "arrive", path, member, of: 2, output: "x", bind });
const wait = (path: string): Effect => ({ kind: "wait", path, dueAtMs: 5, afterMs: 5, bind });
const error = { code: "Declined", message: "no", path: "b" };
const fail: Effect = { kind: "fail", error };
const won = { kind: "won", path: "r", branch: "x", output: "o" } as const;
const leave: Effect = { kind: "leave", scope: "r", how: won, bind };
const close: Effect = { kind: "close", scope: "r", how: won, bind };
const start = (...next: Effect[]): DecisionRecord => ({ kind: "decision", atMs: 0, next, values: { input: 1 } });
const decided = (...next: Effect[]): DecisionRecord => ({ kind: "decision", atMs: 0, next });
const step = (over: Partial<StepRecord>): StepRecord => ({
  ...{ kind: "step", node: "x", status: "settled", fence: 1, failures: 0, crashes: 0, next: [] },
  ...over,
});
const done = (...next: Effect[]) => step({ output: "out", next });

type Log = Record<string, LogRecord>;
function plan(log: Log, from: string, input?: Json): EditRecord {
  const planned = planFork(new Map(Object.entries(log)), { from, input, atMs: 7 });
  if (planned.kind !== "edit") throw new Error(planned.why);
  return planned.edit;
}
const refusal = (log: Log, from: string) => {
  const planned = planFork(new Map(Object.entries(log)), { from, atMs: 7 });
  return planned.kind === "refused" ? planned.why : undefined;
};
const copied = (log: Log, edit: EditRecord) => [...copiesOf(new Map(Object.entries(log)), edit).keys()];
const forked = (log: Log, from: string) => copied(log, plan(log, from));

const chain: Log = {
  [START_KEY]: start(to("a")),
  "step/a": done(to("b")),
  "step/b": done(to("c")),
  "step/c": done({ kind: "succeed", output: "step/c" }),
};

describe("the cut of a fork", () => {
  it("lies at the step, and what comes after it is not spoken of", () => {
    expect(plan(chain, "b")).toEqual({ kind: "edit", void: ["step/b"], anew: ["step/b"], atMs: 7 });
  });
  it("has the step's input, if one was given", () => {
    expect(plan(chain, "c", null)).toMatchObject({ void: ["step/c"], inputs: { c: null } });
    expect(plan(chain, "c")).not.toHaveProperty("inputs");
  });
  it("lies also where the other execution had not come further", () => {
    const log = {
      [START_KEY]: start(to("a"), to("b"), wait("w"), to("z")),
      "step/a": done(arriveAt("p")),
      "step/b": step({ status: "running" }),
      "step/z": done(),
    };
    expect(plan(log, "z").void).toEqual(["step/z", "decide/w", "step/b", "decide/p"].toSorted(byLog(log)));
    expect(forked(log, "z")).toEqual([START_KEY, "step/a"]);
  });
  it("lies at what has not come to its end in a race that another has won", () => {
    const log = {
      [START_KEY]: start(to("p/x/r/x/a"), to("p/x/r/y/b"), to("p/y/z")),
      "step/p/x/r/x/a": done({ ...leave, scope: "p/x/r" } as Effect),
      "decide/p/x/r#won": decided({ ...close, scope: "p/x/r" } as Effect),
      "step/p/x/r/y/b": step({ status: "running" }),
      "step/p/y/z": done(arriveAt("p", 1)),
    };
    expect(plan(log, "p/y/z").void.toSorted()).toEqual(["decide/p/x/r", "step/p/x/r/y/b", "step/p/y/z"]);
    expect(forked(log, "p/y/z")).toEqual([START_KEY, "step/p/x/r/x/a", "decide/p/x/r#won"]);
  });
  it("lies at what failed or was closed beside the step", () => {
    const log = {
      [START_KEY]: start(to("a"), to("b"), to("c")),
      "step/a": done(),
      "step/b": step({ error, next: [fail] }),
      "step/c": step({ closed: true }),
    };
    expect(plan(log, "a").void).toEqual(["step/a", "step/b", "step/c"]);
    expect(forked(log, "a")).toEqual([START_KEY]);
  });
  it("is the same in a log that has gone on since", () => {
    const before: Log = { [START_KEY]: start(to("a"), to("b")), "step/a": done(arriveAt("p")) };
    const edit = plan({ ...before, "step/b": step({ status: "running" }) }, "a");
    const after = {
      ...before,
      "step/b": done(arriveAt("p", 1)),
      "decide/p": { ...decided(to("c")), output: {} },
      "step/c": done(),
    };
    expect(copied(after, edit)).toEqual(copied(before, edit));
  });
});

/** In whichever order the frontier tells them. */
const byLog = (log: Log) => {
  const order = plan(log, "z").void;
  return (a: string, b: string) => order.indexOf(a) - order.indexOf(b);
};

describe("a fork's log", () => {
  it("begins with what led to the step, each after what leads to it", () => {
    expect(forked(chain, "c")).toEqual([START_KEY, "step/a", "step/b"]);
  });
  it("has not what waited for the step, also where it was decided while the log was read", () => {
    const log = {
      [START_KEY]: start(to("p/x/a"), to("p/y/b")),
      "step/p/x/a": done(to("p/x/c")),
      "step/p/y/b": done(arriveAt("p", 1)),
      // What came between was not there yet when its turn was.
      "decide/p": { ...decided(to("d")), output: {} },
      "step/d": done(),
    };
    expect(forked(log, "p/x/a")).toEqual([START_KEY, "step/p/y/b"]);
  });
  it("has a step whose decision failed, so that it does not run again", () => {
    const log = { [START_KEY]: start(to("a"), to("b")), "step/a": done(), "step/b": done(fail) };
    const edit = plan(log, "a");
    expect(edit).toMatchObject({ void: ["step/a", "step/b"], anew: ["step/a"] });
    expect(copied(log, edit)).toEqual([START_KEY, "step/b"]);
  });
  it("has nothing of what is undone, nor of undoing it", () => {
    const log = {
      [START_KEY]: start(to("a")),
      "step/a": done(to("b")),
      "step/b": done(to("c")),
      "step/c": step({ error, next: [fail] }),
      "decide/#undo": decided({ kind: "step", path: "b/undo", bind }),
      "step/b/undo": step({ startedAtMs: 1, output: null }),
    };
    expect(plan(log, "c").void).toEqual(["step/b"]);
    expect(forked(log, "c")).toEqual([START_KEY, "step/a"]);
  });
  it("marks steps and what they have carried out, and forgets who called and what handlers remembered", () => {
    const emit = { kind: "emit", path: "e", event: "E", data: "x" } as const;
    const call = { kind: "call", path: "k", workflow: "w", input: "x", bind } as const;
    const log = {
      [START_KEY]: { ...start(to("a")), values: { input: 1, "#caller": {} }, opens: {} as never, edit: {} as never },
      "step/a": step({ output: 1, memo: { m: 1 }, next: [emit, { ...call, detached: "d" }, call, to("b")] }),
      "decide/k": decided(),
      "step/b": done(),
    };
    const copies = copiesOf(new Map(Object.entries(log)), plan(log, "b"));
    expect(copies.get(START_KEY)).toStrictEqual(start(to("a")));
    const marked = { copied: true } as const;
    const next = [{ ...emit, ...marked }, { ...call, detached: "d", ...marked }, call, to("b")];
    expect(copies.get("step/a")).toStrictEqual(step({ output: 1, next, ...marked }));
  });
  it("has the lists that are referred to in it, and no others", () => {
    const map = {
      ...bind,
      maps: { each: { items: "list/each#4be7", of: 200 } },
      prev: "yes?list/other#00ff.1!items[2]",
    };
    const chunk = { kind: "list", items: [] } as const;
    const log = {
      [START_KEY]: start({ kind: "step", path: "each/0/a", bind: map }, to("b")),
      "step/each/0/a": done(),
      "step/b": done(),
      ...{
        "list/each#4be7.0": chunk,
        "list/each#4be7.1": chunk,
        "list/other#00ff.1": chunk,
        "list/each#aaaa.0": chunk,
      },
    };
    expect(forked(log, "b")).toEqual([
      ...["list/each#4be7.0", "list/each#4be7.1", "list/other#00ff.1"],
      ...[START_KEY, "step/each/0/a"],
    ]);
  });
});

describe("a fork in a race", () => {
  const race = {
    [START_KEY]: start(to("r/x/a"), to("r/y/b")),
    "step/r/x/a": done(leave),
    "decide/r#won": decided(close),
    "step/r/y/b": step({ closed: true }),
    "decide/r": decided(to("c")),
    "step/c": done(),
  };
  it("from the winner on is a race again", () => {
    expect(forked(race, "r/x/a")).toEqual([START_KEY]);
    expect(plan(race, "r/x/a").void).toEqual(["step/r/x/a", "step/r/y/b"]);
  });
  it("from after it lets it rest", () => {
    expect(forked(race, "c").toSorted()).toEqual(
      Object.keys(race)
        .filter((key) => key !== "step/c")
        .toSorted(),
    );
  });
  it("from a loser on is refused", () => {
    const log = { ...race, "step/r/y/b": done(to("r/y/d")), "step/r/y/d": step({ closed: true }) };
    expect(refusal(log, "r/y/b")).toMatch(/'r\/y\/b' lies in/);
  });
});

it.each<[string, Log, string, RegExp]>([
  ["that is not there", chain, "x", /^no step at 'x' has settled$/],
  ["that runs", { [START_KEY]: start(to("a")), "step/a": step({ status: "running" }) }, "a", /has settled$/],
  [
    "that waits for its next attempt",
    { [START_KEY]: start(to("a")), "step/a": step({ status: "idle" }) },
    "a",
    /settled$/,
  ],
  ["that is a join", { [START_KEY]: start(arriveAt("p")), "decide/p": decided() }, "p", /has settled$/],
  [
    "that undoes another",
    { ...chain, "step/a/undo": done() },
    "a/undo",
    /^'a\/undo' undoes another step: fork from a step of the graph$/,
  ],
  ["of an execution that never began", { "step/a": done() }, "a", /^it has no start$/],
])("a fork from a step %s is refused", (_, log, from, why) => {
  expect(refusal(log, from)).toMatch(why);
});
