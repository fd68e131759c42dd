/** Small graphs of races, catches and undo, with what each must come to and what must have been undone. */
import { z } from "zod";
import { node, signal, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Program } from "../../lib/model/program.ts";
import type { Scenario } from "../../lib/testing/world/world.ts";
import { type Answer, failure, output } from "../support/simulation.ts";
import { answering } from "../support/worlds.ts";

const text = z.string();
const of = { input: text, output: text };
const quick = node("quick", of);
const slow = node("slow", of);
const mid = node("mid", of);
const inlined = node("inlined", { ...of, inline: true });
const declined = node("declined", { ...of, errors: ["Declined"] });
const later = node("later", { ...of, errors: ["Declined"] });
const broken = node("broken", { ...of, retry: { maxAttempts: 1 } });
const odd = node("odd", { ...of, errors: ["Odd"], inline: true });
const back = node("back", { input: text.nullable(), output: text });
const stubborn = node("stubborn", { input: text.nullable(), output: text });
const approve = signal("approve", { data: text });

const pass: Answer = (call) => output(`${call.step.path}`);
const passLate: Answer = async (call, sleep) => {
  await sleep(8_000);
  return pass(call, sleep);
};
const UNDO_ATTEMPTS = 10;
const answers: Readonly<Record<string, Answer>> = {
  quick: pass,
  slow: passLate,
  mid: async (call, sleep) => {
    await sleep(3_000);
    return pass(call, sleep);
  },
  inlined: pass,
  declined: () => failure("Declined", true),
  later: async (_, sleep) => {
    await sleep(4_000);
    return failure("Declined", true);
  },
  broken: () => failure("handler_failed", false),
  odd: (call, sleep) => (String(call.input).endsWith("1") ? failure("Odd", true) : pass(call, sleep)),
  back: (call) => output(`${call.input} is undone`),
};
/** Gives in after so many attempts, more than a plan of undo makes by itself. */
const stubbornly = (): Answer => {
  let attempts = 0;
  return (call, sleep) => (attempts++ < UNDO_ATTEMPTS ? failure("handler_failed", false) : pass(call, sleep));
};

export interface UndoGraph {
  readonly name: string;
  /** A new one for each run: what is stubborn remembers. */
  readonly scenario: () => Scenario;
  readonly status: "succeeded" | "failed";
  readonly output?: Json;
  readonly error?: string;
  /** Paths of the steps that are undone when nothing goes wrong, the latest stage first; each stage's in one string. */
  readonly undone: readonly string[];
}

function graph(built: { readonly program: Program }, ends: Omit<UndoGraph, "name" | "scenario">): UndoGraph {
  const { program } = built;
  const name = program.graph.workflow;
  const used = Object.keys(program.graph.nodes);
  const scenario = (): Scenario => {
    const all: Readonly<Record<string, Answer>> = { ...answers, stubborn: stubbornly() };
    const handlers = answering(Object.fromEntries(used.map((it) => [it, all[it] as Answer])));
    return { programs: [program], handlers, start: { workflow: name, id: "1", input: "in" } };
  };
  return { name, scenario, ...ends };
}
const begun = (name: string) => workflow(name, { input: text });
const failed = (...undone: string[]) => ({ status: "failed", error: "Declined", undone }) as const;
const succeeded = (out: Json, ...undone: string[]) => ({ status: "succeeded", output: out, undone }) as const;
const undo = back;

export const undoGraphs: readonly UndoGraph[] = [
  graph(
    begun("race")
      .race("first", {
        a: (b) => b.task(quick.as("a"), { undo }),
        b: (b) => b.task(slow.as("b"), { undo }).task(quick.as("never")),
      })
      .task(inlined.as("z"), { input: (s) => s.first.branch }),
    succeeded("z", "first/b/b"),
  ),
  graph(
    begun("timeout")
      .race("first", {
        work: (b) => b.task(quick.as("a"), { undo }).task(slow.as("b")),
        late: (b) => b.wait("nap", { for: "3 seconds" }),
      })
      .output((s) => s.first),
    succeeded({ branch: "late", output: "in" }, "first/work/a"),
  ),
  graph(
    begun("unanswered")
      .task(quick.as("a"), { undo })
      .race("first", {
        answer: (b) => b.waitFor(approve, { timeout: "5 minutes" }),
        work: (b) => b.task(inlined.as("b"), { input: (s) => s.a }),
      })
      .output((s) => s.first.output),
    succeeded("first/work/b"),
  ),
  graph(
    begun("within")
      .parallel("p", {
        x: (b) =>
          b
            .race("first", { a: (c) => c.task(mid.as("a")), b: (c) => c.task(slow.as("b"), { undo }) })
            .set("x", (s) => s.first.output),
        y: (b) => b.task(quick.as("c"), { undo }),
      })
      .output((s) => [s.p.x, s.p.y]),
    succeeded(["p/x/first/a/a", "p/y/c"], "p/x/first/b/b"),
  ),
  graph(
    begun("nested")
      .race("outer", {
        x: (b) =>
          b
            .race("inner", { a: (c) => c.task(quick.as("a"), { undo }), b: (c) => c.task(slow.as("b"), { undo }) })
            .task(slow.as("c"), { input: () => "c" }),
        y: (b) => b.task(quick.as("d")).task(quick.as("e")).task(quick.as("f")),
      })
      .output((s) => s.outer.branch),
    succeeded("y", "outer/x/inner/a/a outer/x/inner/b/b"),
  ),
  // The winner inside has nothing to undo, so that a redrive of the race around it lets the inner race's end stand.
  graph(
    begun("deeper")
      .race("outer", {
        x: (b) => b.task(mid.as("a")),
        y: (b) =>
          b
            .race("inner", { p: (c) => c.task(slow.as("b"), { undo }), q: (c) => c.task(quick.as("c")) })
            .task(slow.as("d"), { input: () => "d" }),
      })
      .output((s) => s.outer.branch),
    succeeded("x", "outer/y/inner/p/b"),
  ),
  // The race inside is at its undo when the one around it is won.
  graph(
    begun("undoingInside")
      .race("outer", {
        x: (b) => b.task(slow.as("a")),
        y: (b) =>
          b
            .race("inner", {
              p: (c) => c.task(quick.as("b"), { undo }).wait("nap", { for: "1 hour" }),
              q: (c) => c.task(mid.as("c")),
            })
            .task(slow.as("d"), { input: () => "d", undo }),
      })
      .output((s) => s.outer.branch),
    succeeded("x", "outer/y/inner/p/b", "outer/y/d"),
  ),
  graph(
    begun("loses").race("first", {
      a: (b) => b.task(later.as("a")),
      b: (b) => b.task(quick.as("b"), { undo }).task(slow.as("c"), { undo }),
    }),
    failed("first/b/c", "first/b/b"),
  ),
  graph(
    begun("caught")
      .block(
        "pay",
        (b) =>
          b.parallel("p", {
            x: (c) => c.task(later.as("x")),
            y: (c) => c.task(slow.as("y"), { undo }).task(quick.as("never")),
          }),
        { catch: { Declined: (b) => b.task(inlined.as("note"), { input: (s) => s.error.path }) } },
      )
      .output((s) => [s.pay.branch, s.pay.branch === "Declined" ? s.pay.output : ""]),
    succeeded(["Declined", "pay/Declined/note"]),
  ),
  graph(
    begun("caughtThenFails")
      .block(
        "pay",
        (b) => b.parallel("p", { x: (c) => c.task(later.as("x")), y: (c) => c.task(quick.as("y"), { undo }) }),
        {
          catch: { Declined: (b) => b.task(quick.as("note"), { input: () => "n", undo }) },
        },
      )
      .task(declined.as("d"), { input: () => "d", undo }),
    failed("pay/Declined/note", "pay/done/p/y/y"),
  ),
  graph(
    begun("rounds")
      .loop("again", {
        from: () => 0,
        each: (b) =>
          b
            .block("try", (c) => c.task(odd.as("a"), { input: (s) => String(s.round.n) }), {
              catch: { Odd: (c) => c.task(quick.as("n"), { input: (s) => s.error.code }) },
            })
            .set("n", (s) => s.round.n),
        until: (n) => n >= 2,
        max: 3,
      })
      .output((s) => s.again),
    succeeded(2),
  ),
  graph(
    begun("tolerant")
      .map("m", {
        over: () => ["0", "1", "2"],
        each: (b) => b.task(odd.as("a"), { input: (s) => s.item }).task(quick.as("b"), { undo }),
        concurrency: 1,
        tolerate: { count: 1 },
      })
      .output((s) => s.m.map((item) => (item.ok ? item.output : item.error.code))),
    succeeded(["m/0/b", "Odd", "m/2/b"]),
  ),
  graph(
    begun("intolerant").map("m", {
      over: () => ["1", "0", "11"],
      each: (b) => b.task(quick.as("b"), { input: (s) => s.item, undo }).task(odd.as("a"), { input: (s) => s.item }),
      concurrency: 2,
      tolerate: { count: 1 },
    }),
    { status: "failed", error: "too_many_failures", undone: ["m/1/b m/2/b", "m/0/b"] },
  ),
  graph(
    begun("chain")
      .task(quick.as("a"), { undo })
      .parallel("p", {
        x: (b) => b.task(inlined.as("b"), { undo }).task(quick.as("c"), { undo }),
        y: (b) => b.task(quick.as("d"), { undo: { node: back, input: (s) => `${s.output} after ${s.a}` } }),
      })
      .task(broken.as("e"), { input: () => "e", undo }),
    { status: "failed", error: "handler_failed", undone: ["e", "p/x/c p/y/d", "p/x/b", "a"] },
  ),
  graph(
    begun("stuckRace")
      .task(quick.as("a"), { undo })
      .race("first", { a: (b) => b.task(mid.as("b")), b: (b) => b.task(slow.as("c"), { undo: stubborn }) })
      .output((s) => s.first.branch),
    succeeded("a", "first/b/c"),
  ),
  graph(
    begun("stuckEnd").task(quick.as("a"), { undo }).task(quick.as("b"), { undo: stubborn }).task(declined.as("c")),
    failed("b", "a"),
  ),
  graph(
    begun("failsBeside").parallel("p", {
      x: (b) => b.race("first", { a: (c) => c.task(mid.as("a"), { undo }), b: (c) => c.task(slow.as("b"), { undo }) }),
      y: (b) => b.task(later.as("c")),
    }),
    failed("p/x/first/a/a p/x/first/b/b"),
  ),
];
