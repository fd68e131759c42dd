/**
 * A redrive from a step on, in every place where a step can be: what runs again, under keys of its own, and what it comes to;
 * or why there is none.
 */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, node, signal, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Workflow } from "../../lib/model/types.ts";
import { implement } from "../../lib/node/index.ts";
import { type TestExecution, testWorkflow } from "../../lib/testing/index.ts";
import { a, b, c, trial, undoB } from "../support/trial.ts";

const begun = () => workflow("order", { input: z.string() });
const ok = signal("ok", { data: z.string() });
const kid = workflow("kid", { input: z.string() })
  .task(c.as("work"))
  .output((s) => s.work);
const kidContract = contract("kid", { input: z.string(), output: z.string(), errors: [] });

interface Story {
  readonly of: Workflow<string, unknown>;
  /** Steps that fail until it is redriven. */
  readonly fails?: readonly string[];
  /** What it comes to at first: its output, or the code of its error. */
  readonly first: Json;
  /** Paths of the steps that ran. */
  readonly ran: string;
  readonly redriven: readonly Redriven[];
}
type Redriven =
  /** What runs, in its order, and what it comes to; with another input, what it comes to then, if not the same steps run. */
  | {
      readonly from: string;
      readonly ran: string;
      readonly output: Json;
      readonly undone?: string;
      readonly given?: Json;
    }
  | { readonly from: string; readonly refused: RegExp };

const story = <O>(of: Workflow<string, O>, rest: Omit<Story, "of">): Story => ({ of, ...rest });
const endedBy = (scope: string) => new RegExp(`lies in '${scope}', which another branch has ended$`);
const notBegun = (path: string) => new RegExp(`no step at '${path}' has begun$`);
const noTask = (path: string) => new RegExp(`'${path}' is no task: say a task before it`);
const undoes = (path: string) => new RegExp(`'${path}' undoes another step: redrive from a step of the graph$`);

const stories: Readonly<Record<string, Story>> = {
  "a loop": story(
    begun()
      .loop("again", { from: (s) => s.input, each: (l) => l.task(b).task(c), until: (x) => x.length > 9, max: 5 })
      .task(c.as("z")),
    {
      ...{ first: "in>b>c>b>c>z", ran: "again/1/b again/1/c again/2/b again/2/c z" },
      redriven: [
        // Another input goes on for as many rounds as it takes.
        { from: "again/1/c", ran: "again/1/c again/2/b again/2/c z", output: "in>b>c>b>c>z", given: "N>c>b>c>b>c>z" },
        { from: "again/2/b", ran: "again/2/b again/2/c z", output: "in>b>c>b>c>z", given: "N>b>c>b>c>b>c>z" },
        { from: "z", ran: "z", output: "in>b>c>b>c>z", given: "N>z" },
        { from: "again/3/b", refused: notBegun("again/3/b") },
      ],
    },
  ),
  "a map whose items run at once": story(
    begun()
      .map("m", { over: () => ["x", "y"], each: (m) => m.task(b).task(c) })
      .task(a, { input: (s) => s.m.join() }),
    {
      ...{ first: "x>b>c,y>b>c>a", ran: "m/0/b m/1/b m/0/c m/1/c a" },
      redriven: [
        { from: "m/1/b", ran: "m/1/b m/1/c a", output: "x>b>c,y>b>c>a", given: "x>b>c,N>b>c>a" },
        { from: "m/0/c", ran: "m/0/c a", output: "x>b>c,y>b>c>a", given: "N>c,y>b>c>a" },
        { from: "m/2/b", refused: notBegun("m/2/b") },
        { from: "m", refused: noTask("m") },
      ],
    },
  ),
  // Each item of a lane follows the one before.
  "a map with a lane": story(
    begun()
      .map("m", { over: () => ["x", "y", "z"], each: (m) => m.task(b), concurrency: 1 })
      .task(a, { input: (s) => s.m.join() }),
    {
      ...{ first: "x>b,y>b,z>b>a", ran: "m/0/b m/1/b m/2/b a" },
      redriven: [{ from: "m/1/b", ran: "m/1/b m/2/b a", output: "x>b,y>b,z>b>a", given: "x>b,N>b,z>b>a" }],
    },
  ),
  "a map that tolerates": story(
    begun()
      .map("m", { over: () => ["x", "y"], each: (m) => m.task(b).task(c), tolerate: { count: 1 } })
      .task(a, { input: (s) => s.m.map((item) => (item.ok ? item.output : item.error.code)).join() }),
    {
      ...{ fails: ["m/1/b"], first: "x>b>c,Declined>a", ran: "m/0/b m/1/b m/0/c a" },
      redriven: [
        { from: "m/1/b", ran: "m/1/b m/1/c a", output: "x>b>c,y>b>c>a", given: "x>b>c,N>b>c>a" },
        { from: "m/0/c", ran: "m/0/c a", output: "x>b>c,Declined>a", given: "N>c,Declined>a" },
      ],
    },
  ),
  "a race": story(
    begun()
      .race("first", {
        quick: (r) => r.task(b).task(c),
        slow: (r) => r.task(b.as("x"), { undo: undoB }).wait("nap", { for: "1 day" }).task(b.as("late")),
      })
      .task(a, { input: (s) => `${s.first.branch} ${s.first.output}` }),
    {
      ...{ first: "quick in>b>c>a", ran: "first/quick/b first/slow/x first/quick/c first/slow/x/undo a" },
      redriven: [
        {
          ...{ from: "first/quick/c", ran: "first/quick/c first/slow/x first/slow/x/undo a" },
          ...{ undone: "first/slow/x", output: "quick in>b>c>a", given: "quick N>c>a" },
        },
        { from: "first/slow/x", refused: endedBy("first") },
        { from: "first/slow/late", refused: notBegun("first/slow/late") },
        { from: "first/slow/nap", refused: noTask("first/slow/nap") },
        { from: "first/slow/x/undo", refused: undoes("first/slow/x/undo") },
        // The loser stays undone.
        { from: "a", ran: "a", undone: "first/slow/x", output: "quick in>b>c>a", given: "N>a" },
      ],
    },
  ),
  "a block that was caught": story(
    begun()
      .block(
        "pay",
        (x) => x.parallel("p", { l: (p) => p.task(a).task(b), r: (p) => p.task(c).wait("nap", { for: "1 hour" }) }),
        { catch: { Declined: (x) => x.task(c.as("note"), { input: (s) => s.error.path }) } },
      )
      .task(a.as("z"), { input: (s) => (s.pay.branch === "done" ? "paid" : s.pay.output) }),
    {
      ...{ fails: ["pay/done/p/l/b"], first: "pay/done/p/l/b>note>z" },
      ran: "pay/done/p/l/a pay/done/p/r/c pay/done/p/l/b pay/Declined/note z",
      redriven: [
        // What it had to leave goes on as well: c has its output, and only waits again.
        { from: "pay/done/p/l/b", ran: "pay/done/p/l/b z", output: "paid>z" },
        { from: "pay/done/p/l/a", ran: "pay/done/p/l/a pay/done/p/l/b z", output: "paid>z" },
        { from: "pay/done/p/r/c", refused: endedBy("pay/done") },
        { from: "pay/Declined/note", ran: "pay/Declined/note z", output: "pay/done/p/l/b>note>z", given: "N>note>z" },
        { from: "z", ran: "z", output: "pay/done/p/l/b>note>z", given: "N>z" },
      ],
    },
  ),
  "a step that was caught alone": story(
    begun()
      .block("pay", (x) => x.task(b).task(c), { catch: { Declined: (x) => x.task(c.as("note")) } })
      .task(a, { input: (s) => s.pay.output }),
    {
      ...{ fails: ["pay/done/b"], first: "in>note>a", ran: "pay/done/b pay/Declined/note a" },
      redriven: [{ from: "pay/done/b", ran: "pay/done/b pay/done/c a", output: "in>b>c>a", given: "N>b>c>a" }],
    },
  ),
  "what was undone": story(begun().task(a).task(b, { undo: undoB }).task(c).task(b.as("last")), {
    ...{ fails: ["last"], first: "Declined", ran: "a b c last b/undo" },
    redriven: [
      // From wherever: nothing goes on with what was undone.
      { from: "last", ran: "b c last", output: "in>a>b>c>last", given: "N>last" },
      { from: "c", ran: "b c last", output: "in>a>b>c>last", given: "N>c>last" },
      { from: "b", ran: "b c last", output: "in>a>b>c>last", given: "N>b>c>last" },
      { from: "a", ran: "a b c last", output: "in>a>b>c>last", given: "N>a>b>c>last" },
      { from: "b/undo", refused: undoes("b/undo") },
    ],
  }),
  "a scope in a scope": story(
    begun()
      .parallel("p", {
        x: (p) => p.task(b).parallel("q", { k: (q) => q.task(c), l: (q) => q.task(c.as("d")) }),
        y: (p) => p.task(c.as("e")),
      })
      .task(a, { input: (s) => `${s.p.x.k} ${s.p.x.l} ${s.p.y}` }),
    {
      ...{ first: "in>b>c in>b>d in>e>a", ran: "p/x/b p/y/e p/x/q/k/c p/x/q/l/d a" },
      redriven: [
        { from: "p/x/q/k/c", ran: "p/x/q/k/c a", output: "in>b>c in>b>d in>e>a", given: "N>c in>b>d in>e>a" },
        {
          from: "p/x/b",
          ran: "p/x/b p/x/q/k/c p/x/q/l/d a",
          output: "in>b>c in>b>d in>e>a",
          given: "N>b>c N>b>d in>e>a",
        },
        { from: "p/y/e", ran: "p/y/e a", output: "in>b>c in>b>d in>e>a", given: "in>b>c in>b>d N>e>a" },
        { from: "p/x/q", refused: noTask("p/x/q") },
      ],
    },
  ),
  "a wait": story(begun().task(a).wait("nap", { for: "1 hour" }).task(b), {
    ...{ first: "in>a>b", ran: "a b" },
    redriven: [
      { from: "a", ran: "a b", output: "in>a>b", given: "N>a>b" },
      { from: "b", ran: "b", output: "in>a>b", given: "N>b" },
      { from: "nap", refused: noTask("nap") },
    ],
  }),
  "a call": story(
    begun()
      .task(a)
      .call(kidContract, { input: (s) => s.a })
      .task(b),
    {
      ...{ first: "in>a>work>b", ran: "a kid:work b" },
      redriven: [
        // Another execution is called.
        { from: "a", ran: "a kid:work b", output: "in>a>work>b", given: "N>a>work>b" },
        { from: "b", ran: "b", output: "in>a>work>b", given: "N>b" },
        { from: "kid", refused: noTask("kid") },
        { from: "kid/work", refused: notBegun("kid/work") },
      ],
    },
  ),
};

async function comeToRest({ of, fails: failing = [] }: Story) {
  const trying = await trial(of, kid);
  for (const path of failing) trying.fails.add(path);
  const first = await trying.test.start("in", { id: "1" });
  trying.fails.clear();
  const told = () =>
    trying.ran.splice(0).map(({ execution, path, key }) => ({
      ...{ path: execution === "order/1" ? path : `${execution.split("/")[0]}:${path}`, key },
    }));
  const redrive = async (from: string, input?: Json) =>
    trying.test.end(await trying.test.control(first, { kind: "redrive", from, ...(input !== undefined && { input }) }));
  return { first, told, redrive };
}
const pathsOf = (told: readonly { readonly path: string }[]) => told.map(({ path }) => path).join(" ");
const came = ({ output, error }: TestExecution) => error?.code ?? output;

const each = Object.entries(stories);
const runs = each.flatMap(([of, one]) =>
  one.redriven.flatMap((it) => ("ran" in it ? [{ of, one, it, from: it.from }] : [])),
);
const refused = each.flatMap(([of, one]) =>
  one.redriven.flatMap((it) => ("refused" in it ? [{ of, one, from: it.from, why: it.refused }] : [])),
);

describe("a redrive from a step", () => {
  it.each(each)("has %s to go on with", async (_, one) => {
    const { first, told } = await comeToRest(one);
    expect([came(first), pathsOf(told())]).toEqual([one.first, one.ran]);
  });

  it.each(runs)("of $of: $from, runs what followed from it, once, under keys of its own", async ({ one, it: of }) => {
    const { told, redrive } = await comeToRest(one);
    const before = new Set(told().map(({ key }) => key));
    const redriven = await redrive(of.from);
    const again = told();
    expect(redriven).toMatchObject({ status: "succeeded", epoch: 1, output: of.output });
    expect([pathsOf(again), redriven.undone.join(" ")]).toEqual([of.ran, of.undone ?? ""]);
    expect(again.filter(({ key }) => before.has(key))).toEqual([]);
    expect(new Set(again.map(({ path, key }) => `${path} ${key}`)).size).toBe(again.length);
  });

  it.each(runs.filter(({ it }) => it.given !== undefined))(
    "of $of: $from, with another input, comes to what follows from that",
    async ({ one, it: of }) => {
      const { redrive } = await comeToRest(one);
      expect(await redrive(of.from, "N")).toMatchObject({ status: "succeeded", output: of.given });
    },
  );

  it.each(refused)("of $of: $from, is refused with its reason", async ({ one, from, why }) => {
    const { first, told, redrive } = await comeToRest(one);
    told();
    const error = { code: "invalid_redrive", message: expect.stringMatching(why) };
    await expect(redrive(from)).rejects.toMatchObject(error);
    await expect(redrive(from, "N")).rejects.toMatchObject(error);
    expect(first.epoch).toBe(0);
    expect(told()).toEqual([]);
  });

  it("before a waitFor waits for another signal; one after it has the signal that came", async () => {
    const { test, pathsIn } = await trial(
      begun()
        .task(a)
        .waitFor(ok)
        .task(b, { input: (s) => `${s.a} ${s.ok}` }),
    );
    const first = await test.begin("in", { id: "1" });
    await test.signal(first, ok, "yes", { id: "one" });
    const after = await test.end(await test.control(first, { kind: "redrive", from: "b" }));
    expect(after.output).toBe("in>a yes>b");
    await expect(test.control(first, { kind: "redrive", from: "ok" })).rejects.toMatchObject({
      message: expect.stringMatching(noTask("ok")),
    });
    const waiting = await test.control(first, { kind: "redrive", from: "a", input: "N" });
    expect(waiting).toMatchObject({ status: "running", epoch: 2 });
    await test.signal(first, ok, "yes", { id: "one" }); // used up
    expect(await test.show(first)).toMatchObject({ status: "running" });
    await test.signal(first, ok, "no", { id: "two" });
    expect((await test.end(first)).output).toBe("N>a no>b");
    expect(pathsIn("order/1")).toEqual(["a", "b", "b", "a", "b"]);
  });

  it("under which it fails again undoes what that has done, once more", async () => {
    const { test, fails, ran, pathsIn } = await trial(stories["what was undone"]?.of ?? begun());
    fails.add("last");
    const first = await test.start("in", { id: "1" });
    const again = await test.end(await test.control(first, { kind: "redrive", from: "c" }));
    expect(again).toMatchObject({ status: "failed", epoch: 1, undone: ["b"] });
    expect(pathsIn("order/1")).toEqual(["a", "b", "c", "last", "b/undo", "b", "c", "last", "b/undo"]);
    expect(new Set(ran.map(({ key }) => key)).size).toBe(ran.length);
  });

  it("that had an end undoes only what it has done itself: the older effects stand", async () => {
    const { test, fails, ran } = await trial(stories["what was undone"]?.of ?? begun());
    const first = await test.start("in", { id: "1" });
    fails.add("last");
    const again = await test.end(await test.control(first, { kind: "redrive", from: "b" }));
    expect(again).toMatchObject({ status: "failed", undone: ["b"] });
    const key = ran.filter(({ path }) => path === "b").at(-1)?.key;
    const before = ran.find(({ path }) => path === "b")?.key;
    expect(ran.filter(({ path }) => path === "b/undo").map(({ undoes }) => undoes)).toEqual([key]);
    expect(before).not.toBe(key);
  });

  describe("with an input", () => {
    it("that breaks the node's schema is refused, and changes nothing", async () => {
      const strict = node("strict", { input: z.object({ n: z.number() }), output: z.string() });
      const of = begun().task(strict, { input: () => ({ n: 1 }) });
      const test = await testWorkflow(of, { handlers: { strict: implement(strict, ({ n }) => String(n)) } });
      const first = await test.start("in");
      const asked = test.control(first, { kind: "redrive", from: "strict", input: { n: "1" } });
      await expect(asked).rejects.toMatchObject({
        ...{ code: "invalid_input", message: expect.stringMatching(/^the input of 'strict' breaks its schema/) },
      });
      expect(await test.show(first)).toEqual(first);
    });

    it("keeps it while what failed goes on, and until it is done over without one", async () => {
      const { test, fails, pathsIn } = await trial(begun().task(a).task(b).task(c));
      const first = await test.start("in", { id: "1" });
      const redrive = async (from?: string, input?: Json) =>
        test.end(await test.control(first, { kind: "redrive", from, input }));
      fails.add("b");
      expect((await redrive("b", "N")).status).toBe("failed");
      fails.clear();
      expect((await redrive()).output).toBe("N>b>c");
      expect((await redrive("c")).output).toBe("N>b>c");
      expect((await redrive("b")).output).toBe("in>a>b>c");
      expect((await redrive("b", "N")).output).toBe("N>b>c");
      expect((await redrive("a", "M")).output).toBe("M>a>b>c");
      expect(pathsIn("order/1").join("")).toBe("abc" + "b" + "bc" + "c" + "bc" + "bc" + "abc");
    });
  });
});
