import { describe, expect, it } from "vitest";
import {
  type DecisionRecord,
  type Effect,
  type LogRecord,
  START_KEY,
  type StepRecord,
} from "../../../lib/kernel/record.ts";
import { planRedrive, type Redrive } from "../../../lib/kernel/redrive.ts";
import type { Past } from "../../../lib/kernel/voids.ts";

const to = (path: string): Effect => ({ kind: "step", path, bind: { prev: "x" } });
const arriveAt = (path: string): Effect => ({
  ...{ kind: "arrive", path, member: 0, of: 2, output: "x", bind: { prev: "x" } },
});
const error = { code: "Declined", message: "no", path: "b" };
const fail: Effect = { kind: "fail", error };
const start = (...next: Effect[]): DecisionRecord => ({ kind: "decision", atMs: 0, next, values: { input: 1 } });
const joined = (...next: Effect[]): DecisionRecord => ({ kind: "decision", atMs: 0, next, output: {} });
const step = (over: Partial<StepRecord>): StepRecord => ({
  ...{ kind: "step", node: "x", status: "settled", fence: 1, failures: 0, crashes: 0, next: [] },
  ...over,
});
const done = (...next: Effect[]) => step({ output: "out", next });
const failed = step({ error, next: [fail] });
const closed = step({ closed: true });
/** In whatever order. */
function plan(records: Record<string, LogRecord>, redrive: Partial<Redrive> = {}, earlier?: Past["earlier"]) {
  const planned = planRedrive(new Map(Object.entries(records)), { atMs: 7, status: "failed", ...redrive }, earlier);
  if (planned.kind === "refused") return planned;
  const { void: voided, anew } = planned.edit;
  return { ...planned, edit: { ...planned.edit, void: voided.toSorted(), anew: anew.toSorted() } };
}
const edit = (voided: string[], anew: string[] = [], more: object = {}) => ({
  kind: "edit",
  edit: { kind: "edit", void: voided.toSorted(), anew: anew.toSorted(), ...more, atMs: 7 },
});

describe("a redrive", () => {
  it("does over the step that failed, and keeps its key", () => {
    const records = { [START_KEY]: start(to("a")), "step/a": done(to("b")), "step/b": failed };
    expect(plan(records)).toEqual(edit(["step/b"]));
  });
  it("does over steps and joins that were closed because something else failed", () => {
    const records = {
      [START_KEY]: start(to("p/x/a"), to("p/y/b"), to("p/z/c")),
      "step/p/x/a": done(arriveAt("p")),
      "step/p/y/b": failed,
      "step/p/z/c": closed,
      "decide/p": { kind: "decision", atMs: 0, next: [], closed: true } as const,
    };
    expect(plan(records)).toEqual(edit(["decide/p", "step/p/y/b", "step/p/z/c"]));
  });
  it("leaves a join that was decided alone", () => {
    const records = { [START_KEY]: start(arriveAt("p")), "decide/p": joined(to("b")), "step/b": failed };
    expect(plan(records)).toEqual(edit(["step/b"]));
  });
  it.each<[string, Record<string, LogRecord>, string]>([
    ["a step", { [START_KEY]: start(to("a")), "step/a": done(fail) }, "step/a"],
    ["a join", { [START_KEY]: start(arriveAt("p")), "decide/p": joined(fail) }, "decide/p"],
    ["a start", { [START_KEY]: start(fail) }, START_KEY],
  ])("does over %s whose decision came to a failure, behind its events", (_, records, key) => {
    expect(plan(records)).toEqual(edit([key]));
  });
  it.each<[string, Partial<StepRecord>]>([
    ["is idle", { status: "idle" }],
    ["was closed under an output", { closed: true, output: 1 }],
  ])("does over a step that %s", (_, over) => {
    expect(plan({ [START_KEY]: start(to("a")), "step/a": step(over) })).toEqual(edit(["step/a"]));
  });
  it("leaves a step whose failure was caught", () => {
    const records = { [START_KEY]: start(to("a")), "step/a": step({ error, next: [to("b")] }), "step/b": failed };
    expect(plan(records)).toEqual(edit(["step/b"]));
  });
  it("does over a step that is open, and so has no decision", () => {
    const { next: _, ...open } = step({ status: "running" });
    expect(plan({ [START_KEY]: start(to("a")), "step/a": open })).toEqual(edit(["step/a"]));
  });
  it("follows each record once, however many ways lead to it", () => {
    const forks = Array.from({ length: 40 }, (_, i) => i);
    const records = Object.fromEntries([
      [START_KEY, start(to("s0"))],
      ...forks.flatMap((i) => [
        [`step/s${i}`, done(to(`x${i}`), to(`y${i}`))],
        [`step/x${i}`, done(to(`s${i + 1}`))],
        [`step/y${i}`, done(to(`s${i + 1}`))],
      ]),
    ]);
    const planned = plan(records, { from: "s0" });
    expect(planned.kind === "edit" && planned.edit.void.length).toBe(121);
  });
  it("passes over a step that has no record", () => {
    const records = { [START_KEY]: start(to("a"), to("b")), "step/b": failed };
    expect(plan(records)).toEqual(edit(["step/b"]));
  });

  it("from a step does over that step and all that its decision led to, under keys of their own", () => {
    const records = {
      [START_KEY]: start(to("a"), to("z")),
      "step/a": done(to("b")),
      "step/b": done(arriveAt("p"), { kind: "succeed", output: "x" }),
      "decide/p": joined(to("c")),
      "step/c": done(),
      "step/z": done(),
    };
    const all = ["step/b", "decide/p", "step/c", "join/p"];
    expect(plan(records, { from: "b" })).toEqual(edit(all, all, { from: "b" }));
    expect(plan(records, { from: "c", input: 5 })).toEqual(
      edit(["step/c"], ["step/c"], { from: "c", inputs: { c: 5 } }),
    );
    expect(plan(records, { from: "c", input: null })).toEqual(
      edit(["step/c"], ["step/c"], { from: "c", inputs: { c: null } }),
    );
  });
  it("from a step also does over what failed elsewhere, which keeps its key", () => {
    const records = { [START_KEY]: start(to("a"), to("b")), "step/a": done(), "step/b": failed };
    expect(plan(records, { from: "a" })).toEqual(edit(["step/a", "step/b"], ["step/a"], { from: "a" }));
  });
  it("from a step to which two ways lead does it over once", () => {
    const records = {
      [START_KEY]: start(to("a")),
      "step/a": done(to("b"), to("c")),
      "step/b": done(to("c")),
      "step/c": done(),
    };
    expect(plan(records, { from: "a" })).toEqual(
      edit(["step/a", "step/c", "step/b"], ["step/a", "step/c", "step/b"], { from: "a" }),
    );
  });

  describe("of what was undone", () => {
    const begun = step({ output: "undone", startedAtMs: 1 });
    const plan0: DecisionRecord = { kind: "decision", atMs: 0, next: [to("a/undo")] };
    const records = {
      [START_KEY]: start(to("a")),
      "step/a": done(to("b")),
      "step/b": failed,
      "decide/#undo": plan0,
      "step/a/undo": begun,
      "join/#undo~0": { kind: "join", members: { 0: "x" } } as const,
      "decide/#undo~0": { kind: "decision", atMs: 0, next: [{ kind: "end" }] } as const,
    };
    const ofUndo = ["decide/#undo", "join/#undo~0", "decide/#undo~0"];

    it("does that over, with all that it led to, under keys of their own, and plans anew", () => {
      const anew = ["step/a", "step/b", "step/a/undo"];
      expect(plan(records)).toEqual(edit([...anew, ...ofUndo], anew));
    });
    it("looks for an undo that had begun in older generations as well", () => {
      const { "step/a/undo": _, ...others } = records;
      const again = { ...others, "step/a/undo": step({ closed: true }) };
      const anew = ["step/a", "step/b", "step/a/undo"];
      const earlier = (key: string) => (key === "step/a/undo" ? [step({ startedAtMs: 1, error })] : []);
      expect(plan(again, {}, earlier)).toEqual(edit([...anew, ...ofUndo], anew));
      expect(plan(again)).toEqual(edit(["step/b", "step/a/undo", ...ofUndo]));
    });
  });

  describe("of a race", () => {
    const how = { kind: "won", path: "r", branch: "u", output: "step/r/u/u" } as const;
    const late = { kind: "won", path: "r", branch: "v", output: "step/r/v/v" } as const;
    const at = { scope: "r", bind: { prev: "x" } };
    const records = {
      [START_KEY]: start(to("r/u/u"), to("r/v/v")),
      "step/r/u/u": done({ kind: "leave", ...at, how }),
      "step/r/v/v": closed,
      "decide/r#won": { kind: "decision", atMs: 0, next: [{ kind: "close", ...at, how }] } as const,
      "decide/r#undo": { kind: "decision", atMs: 0, next: [to("r/v/v/undo")] } as const,
      "step/r/v/v/undo": step({ output: "undone", startedAtMs: 1 }),
      "decide/r": { kind: "decision", atMs: 0, next: [to("z")] } as const,
      "step/z": failed,
    };

    it("leaves the losers as they are, closed or undone, as long as its end stands", () => {
      expect(plan(records)).toEqual(edit(["step/z"]));
    });
    it("from a loser's step is refused, also where that came to its end too late", () => {
      const why = "'r/v/v' lies in 'r', which another branch has ended";
      expect(plan(records, { from: "r/v/v" })).toEqual({ kind: "refused", why });
      const ended = { ...records, "step/r/v/v": done({ kind: "leave", ...at, how: late }) };
      expect(plan(ended, { from: "r/v/v" })).toEqual({ kind: "refused", why });
    });
    it("from the winner's step runs it anew, and the losers that were undone", () => {
      const planned = plan(records, { from: "r/u/u" });
      expect(planned.kind === "edit" && planned.edit.anew).toEqual(
        [
          ...["decide/r", "decide/r#undo", "decide/r#won", "step/r/u/u", "step/r/v/v"],
          "step/r/v/v/undo",
          "step/z",
        ].toSorted(),
      );
    });
    it("from the winner's step does not undo again what lost in a race inside, whose end holds", () => {
      const inside = { scope: "r/v/i", bind: { prev: "x" } };
      const first = { kind: "won", path: "r/v/i", branch: "q", output: "step/r/v/i/q/q" } as const;
      const nested = {
        ...records,
        [START_KEY]: start(to("r/u/u"), to("r/v/i/p/p"), to("r/v/i/q/q")),
        "step/r/v/i/q/q": done({ kind: "leave", ...inside, how: first }),
        "decide/r/v/i#won": { kind: "decision", atMs: 0, next: [{ kind: "close", ...inside, how: first }] } as const,
        "decide/r/v/i#undo": { kind: "decision", atMs: 0, next: [], closed: true } as const,
        "decide/r/v/i": { kind: "decision", atMs: 0, next: [], closed: true } as const,
        "step/r/v/i/p/p": closed,
        "decide/r#undo": { kind: "decision", atMs: 0, next: [to("r/v/i/p/p/undo")] } as const,
        "step/r/v/i/p/p/undo": step({ output: "undone", startedAtMs: 1, next: [arriveAt("#undo~0")] }),
      };
      const planned = plan(nested, { from: "r/u/u" });
      const all = planned.kind === "edit" ? planned.edit.void : [];
      expect(all).toEqual(expect.arrayContaining(["decide/r", "decide/r#undo", "decide/r/v/i", "decide/r/v/i#undo"]));
      expect(all.filter((key) => key.startsWith("step/"))).toEqual(["step/r/u/u", "step/z"]);
    });
    it("inside one whose end holds gives up a plan that was not carried out: another one has what it has left", () => {
      const inside = { scope: "r/v/i", bind: { prev: "x" } };
      const first = { kind: "won", path: "r/v/i", branch: "q", output: "step/r/v/i/q/q" } as const;
      const undo = (path: string): Effect => ({
        ...{ kind: "step", path },
        bind: { prev: "x", undo: { scope: "r/v/i", stage: 0, member: 0, of: 2 } },
      });
      const kept = {
        ...records,
        [START_KEY]: start(to("r/u/u"), to("r/v/i/p/p"), to("r/v/i/p/o"), to("r/v/i/q/q")),
        "step/r/v/i/q/q": done({ kind: "leave", ...inside, how: first }),
        "decide/r/v/i#won": { kind: "decision", atMs: 0, next: [{ kind: "close", ...inside, how: first }] } as const,
        "step/r/v/i/p/p": done(),
        "step/r/v/i/p/o": done(),
        "decide/r/v/i#undo": {
          ...({ kind: "decision", atMs: 0 } as const),
          next: [undo("r/v/i/p/p/undo"), undo("r/v/i/p/o/undo")],
        },
        "step/r/v/i/p/p/undo": closed,
        "step/r/v/i/p/o/undo": step({ output: "undone", startedAtMs: 1, next: [arriveAt("r/v/i#undo~0")] }),
        "join/r/v/i#undo~0": { kind: "join", members: { 1: "x" } } as const,
        "decide/r/v/i#undo~0": { kind: "decision", atMs: 0, next: [], closed: true } as const,
        "decide/r/v/i#undo~12": { kind: "decision", atMs: 0, next: [], closed: true } as const,
        "decide/r/v/i": { kind: "decision", atMs: 0, next: [], closed: true } as const,
      };
      const stages = ["decide/r/v/i#undo~0", "decide/r/v/i#undo~12", "join/r/v/i#undo~0"];
      const given = ["decide/r/v/i#undo", ...stages, "step/r/v/i/p/p/undo"];
      expect(plan(kept)).toEqual(edit([...given, "step/z"]));
      // What is gone on from once more goes on with its plan.
      const again = plan(kept, { from: "r/u/u" });
      const all = again.kind === "edit" ? again.edit.void : [];
      expect(all).toEqual(expect.arrayContaining(["decide/r/v/i", "step/r/v/i/p/p/undo"]));
      expect(all.filter((key) => key.startsWith("decide/r/v/i#undo"))).toEqual(["decide/r/v/i#undo~0"]);
    });
    it("from any step of the winner's runs it anew", () => {
      const longer = {
        ...records,
        [START_KEY]: start(to("r/u/t"), to("r/v/v")),
        "step/r/u/t": done(to("r/u/u")),
      };
      const planned = plan(longer, { from: "r/u/t" });
      expect(planned.kind === "edit" && planned.edit.anew).toEqual(expect.arrayContaining(["step/r/u/t", "step/z"]));
    });
    it("from the winner's step does over a loser that came to its end too late, and nothing that it led to", () => {
      const ended = { ...records, "step/r/v/v": done({ kind: "leave", ...at, how: late }) };
      expect(plan(ended, { from: "r/u/u" })).toEqual(plan(records, { from: "r/u/u" }));
    });
    it("whose end was closed by another failure has it decided anew from the step that came to it", () => {
      const { "decide/r#undo": _undo, "step/r/v/v/undo": _step, "decide/r": _end, ...others } = records;
      const early = { ...others, "decide/r#won": { kind: "decision", atMs: 0, next: [], closed: true } as const };
      const anew = ["decide/r#won", "step/r/u/u"];
      expect(plan(early, { from: "r/u/u" })).toEqual(edit([...anew, "step/r/v/v"], anew, { from: "r/u/u" }));
    });
    it("does over an undo of a loser's that came to nothing, though the loser stays as it is", () => {
      const nothing = step({ error, startedAtMs: 1, next: [{ kind: "stuck", error }] });
      const redone = edit(["step/r/v/v/undo", "step/z"]);
      expect(plan({ ...records, "step/r/v/v/undo": nothing })).toEqual(redone);
      expect(plan({ ...records, "step/r/v/v/undo": { ...nothing, status: "idle" } })).toEqual(redone);
    });
    it("that failed by a branch does over what that branch failed by, and any other that had failed as well", () => {
      const lost = { kind: "failed", path: "r", error } as const;
      const too = { kind: "failed", path: "r", error: { ...error, path: "r/w/w" } } as const;
      const over = {
        [START_KEY]: start(to("r/u/u"), to("r/v/v"), to("r/w/w"), to("r/x/x")),
        "step/r/u/u": step({ error, next: [{ kind: "leave", ...at, how: lost, from: "r/u/u" }] }),
        "step/r/v/v": closed,
        "step/r/w/w": step({ error, next: [{ kind: "leave", ...at, how: too, from: "r/w/w" }] }),
        "step/r/x/x": done({ kind: "leave", ...at, how: late }),
        "decide/r#won": { kind: "decision", atMs: 0, next: [{ kind: "close", ...at, how: lost }] } as const,
        "decide/r": { kind: "decision", atMs: 0, next: [fail] } as const,
      };
      const all = ["decide/r", "decide/r#undo", "decide/r#won", "step/r/u/u", "step/r/v/v", "step/r/w/w"];
      expect(plan(over)).toEqual(edit(all));
    });
  });
  describe("of a map that tolerated too few", () => {
    const tooMany: Effect = { kind: "fail", error: { code: "too_many_failures", message: "", path: "m" } };
    const arrived = (path: string, member: number, output: string): Effect => ({
      ...{ kind: "arrive", path, member, of: 2, output, bind: { prev: "x" } },
    });
    const well = (path: string, member: number) => arrived(path, member, `ok?step/${path}/${member}/a`);
    const badly = (path: string, member: number) => arrived(path, member, `failed?step/a!${path}/${member}/error`);

    it("does over the items that failed", () => {
      const records = {
        [START_KEY]: start(to("m/0/a"), to("m/1/a")),
        "step/m/0/a": done(well("m", 0)),
        "step/m/1/a": step({ error, next: [badly("m", 1)] }),
        "decide/m": joined(tooMany),
      };
      expect(plan(records)).toEqual(edit(["decide/m", "join/m", "step/m/1/a"]));
    });
    it("does over an item that failed and let the next one of its lane begin, which keeps its output", () => {
      const records = {
        [START_KEY]: start(to("m/0/a")),
        "step/m/0/a": step({ error, next: [badly("m", 0), to("m/1/a")] }),
        "step/m/1/a": done(well("m", 1)),
        "decide/m": joined(tooMany),
      };
      expect(plan(records)).toEqual(edit(["decide/m", "join/m", "step/m/0/a", "step/m/1/a"]));
    });
    it("leaves what a map inside one of its items has tolerated", () => {
      const records = {
        [START_KEY]: start(to("m/0/k/0/a"), to("m/1/a")),
        "step/m/0/k/0/a": step({ error, next: [badly("m/0/k", 0)] }),
        "decide/m/0/k": joined(well("m", 0)),
        "step/m/1/a": step({ error, next: [badly("m", 1)] }),
        "decide/m": joined(tooMany),
      };
      expect(plan(records)).toEqual(edit(["decide/m", "join/m", "step/m/1/a"]));
    });
    it("does over all in an item that failed it, also where another had failed it before", () => {
      const left = (step: string) => ({
        ...{ scope: "m/0", how: { kind: "tolerated", path: "m", member: 0, error: step } as const },
        bind: { prev: "x" },
      });
      const records = {
        [START_KEY]: start(to("m/0/p/x/a"), to("m/0/p/y/b"), to("m/0/p/z/c")),
        "step/m/0/p/x/a": step({ error, next: [{ kind: "leave", ...left("a") }] }),
        "step/m/0/p/y/b": step({ error, next: [{ kind: "leave", ...left("b") }] }),
        "step/m/0/p/z/c": done(arriveAt("m/0/p")),
        "decide/m/0#won": joined({ kind: "close", ...left("a") }),
        "decide/m/0": joined(badly("m", 0)),
        "decide/m": joined(tooMany),
      };
      expect(plan(records)).toEqual(
        edit([
          ...["decide/m", "decide/m/0", "decide/m/0#undo", "decide/m/0#won", "join/m"],
          ...["step/m/0/p/x/a", "step/m/0/p/y/b"],
        ]),
      );
    });
  });
  it("does over a step alone that failed by a code that the system has as well", () => {
    const own = { code: "too_many_failures", message: "", path: "b" };
    const badly: Effect = { kind: "arrive", path: "", member: 0, of: 2, output: "failed?x", bind: { prev: "x" } };
    const records = {
      [START_KEY]: start(to("a"), to("b")),
      "step/a": done(badly),
      "step/b": step({ error: own, next: [{ kind: "fail", error: own }] }),
    };
    expect(plan(records)).toEqual(edit(["step/b"]));
  });
  it("of an execution whose start was done over, and then closed, has the input of the older start", () => {
    const closedStart: DecisionRecord = { kind: "decision", atMs: 0, next: [], closed: true };
    const earlier = (key: string) => (key === START_KEY ? [start(fail)] : []);
    expect(plan({ [START_KEY]: closedStart }, {}, earlier)).toEqual(edit([START_KEY]));
  });
  it("does over nothing else where a step has a name of JavaScript's", () => {
    const records = { [START_KEY]: start(to("undefined"), to("b")), "step/undefined": done(), "step/b": failed };
    expect(plan(records)).toEqual(edit(["step/b"]));
  });
  it("of one that is stuck does over the undo steps that came to nothing, or ends it", () => {
    const stuck = step({ error, next: [{ kind: "stuck", error }] });
    const records = { [START_KEY]: start(to("a")), "step/a": done(), "step/a/undo": stuck };
    expect(plan(records, { status: "stuck" })).toEqual(edit(["step/a/undo"]));
    const ends = { as: "failed", error } as const;
    expect(plan(records, { status: "stuck", ends })).toMatchObject({ edit: { ends } });
    const why = "it is stuck, and goes on with undoing what could not be undone: leave from and input out";
    for (const more of [{ from: "a" }, { input: 1 }])
      expect(plan(records, { status: "stuck", ...more })).toEqual({ kind: "refused", why });
  });

  it("of a cancelled execution in which nothing failed does nothing over, and goes on", () => {
    const records = { [START_KEY]: start(to("a")), "step/a": done() };
    expect(plan(records, { status: "cancelled" })).toEqual(edit([]));
  });
  it.each<[string, Record<string, LogRecord>, Partial<Redrive>, string]>([
    [
      "of nothing that failed",
      { [START_KEY]: start(to("a")), "step/a": done() },
      {},
      "nothing of it has failed: say from which step",
    ],
    ["from a step that has not begun", { [START_KEY]: start(to("a")) }, { from: "a" }, "no step at 'a' has begun"],
    [
      "from a join",
      { [START_KEY]: start(arriveAt("p")), "decide/p": joined() },
      { from: "p" },
      "'p' is no task: say a task before it, or the first one after it",
    ],
    [
      "from what is no step",
      { [START_KEY]: start(arriveAt("p")), "step/p": joined() },
      { from: "p" },
      "no step at 'p' has begun",
    ],
    [
      "from what undoes another step",
      { [START_KEY]: start(to("a")), "step/a": failed, "step/a/undo": done() },
      { from: "a/undo" },
      "'a/undo' undoes another step: redrive from a step of the graph",
    ],
    ["with an input for no step", { [START_KEY]: start(fail) }, { input: 1 }, "an input is a step's: say from which"],
    ["of an execution without a start", {}, {}, "it has no start"],
    ["of a start that was closed", { [START_KEY]: { kind: "decision", atMs: 0, next: [] } }, {}, "it has no start"],
  ])("%s is refused", (_, records, redrive, why) => {
    expect(plan(records, redrive)).toEqual({ kind: "refused", why });
  });
});
