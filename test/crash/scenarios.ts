/** Small workflows that between them go through every rule of the protocol, with what each must come to. */
import { z } from "zod";
import { event, node, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import { type Answer, crash, failure, output, type Scenario, type Simulation } from "../support/simulation.ts";

const text = z.string();
const of = { input: text, output: text };
const queued = node("queued", of);
const repeated = node("repeated", { ...of, repeatable: true });
const inlined = node("inlined", { ...of, inline: true });
const repeatedInline = node("repeatedInline", { ...of, inline: true, repeatable: true });
const flaky = node("flaky", { ...of, retry: { maxAttempts: 3 } });
const flakyInline = node("flakyInline", { ...of, inline: true, retry: { maxAttempts: 3 } });
const fragile = node("fragile", of);
const broken = node("broken", { ...of, errors: ["Broken"] });
const slow = node("slow", of);

/** Says where it was and what it got. */
const pass: Answer = (call) => output(`${call.input}>${call.step.path}`);
const passing = (...names: string[]) => Object.fromEntries(names.map((name) => [name, pass]));
const failTwice: Answer = (call, sleep) =>
  call.step.attempt < 3 ? failure("handler_failed", false) : pass(call, sleep);

export interface Case {
  readonly name: string;
  readonly scenario: Scenario;
  readonly status: "succeeded" | "failed";
  readonly output?: Json;
  readonly error?: string | undefined;
  /** The steps that settle. Left out where it depends on who is quicker. */
  readonly steps?: readonly string[] | undefined;
  /** Whatever else must hold at the end; gives back what does not. */
  readonly also?: ((sim: Simulation) => string | undefined) | undefined;
}

const either = <K extends string>(taken: K, _other: K): K => taken;
const start = (workflow: string) => ({ workflow, id: "1", input: "in" });

const chain = workflow("chain", { input: text })
  .task(queued.as("a"))
  .task(inlined.as("b"))
  .task(repeatedInline.as("c"))
  .set("note", (s) => `${s.a}+${s.c}`)
  .task(repeated.as("d"), { input: (s) => s.note })
  .task(inlined.as("e"))
  .output((s) => [s.b, s.e]);

const fork = workflow("fork", { input: text })
  .task(inlined.as("a"))
  .parallel("p", {
    left: (b) => b.task(queued.as("b")).task(inlined.as("c")),
    none: (b) => b,
    right: (b) => b.task(inlined.as("d")),
    both: (b) => b.parallel("q", { x: (x) => x.task(repeatedInline.as("e")), y: (y) => y.task(queued.as("f")) }),
  })
  .task(inlined.as("g"), { input: (s) => s.p.left })
  .output((s) => [s.p, s.g]);

const pick = workflow("pick", { input: text })
  .task(queued.as("a"))
  .choice("c", (s) => (s.a.length > 2 ? "long" : "short"), {
    long: (b) =>
      b
        .task(inlined.as("b"))
        .match("m", "kind", (s): { kind: "x"; n: number } | { kind: "y"; text: string } => ({ kind: "y", text: s.b }), {
          x: (x) => x.fail("Never", () => "never"),
          y: (y) => y.set("d", (s) => `${s.b}!`).task(queued.as("e")),
        }),
    short: (b) => b.fail("TooShort", () => "never"),
  })
  .block("z", (b) => b.task(repeated.as("f"), { input: (s) => JSON.stringify(s.c) }))
  .choice("last", () => either("end", "go"), {
    end: (b) => b.succeed((s) => s.z),
    go: (b) => b.task(queued.as("never")),
  })
  .output(() => "never");

const lanes = workflow("lanes", { input: text })
  .set("items", () => ["i", "j", "k", "l", "m"])
  .map("pack", {
    over: (s) => s.items,
    each: (b) => b.task(inlined.as("weigh")).task(queued.as("box"), { input: (s) => `${s.item}.${s.weigh}` }),
    concurrency: 2,
  })
  .map("none", { over: (): string[] => [], each: (b) => b.task(queued.as("never")) })
  .output((s) => s.pack);

const shipped = event("shop", "Shipped", { version: 1, data: z.object({ order: text }) });
const sender = workflow("sender", { input: text })
  .task(queued.as("a"))
  .emit(shipped, (s) => ({ order: s.a }))
  .task(inlined.as("b"))
  .emit(shipped, (s) => ({ order: s.b }))
  .output((s) => s.b);
const receiver = workflow("receiver", { input: z.object({ order: text }), on: shipped })
  .task(inlined.as("r"), { input: (s) => s.input.order })
  .task(queued.as("t"));

const failing = workflow("failing", { input: text })
  .parallel("p", {
    bad: (b) => b.task(broken.as("bad")).task(queued.as("never")),
    slow: (b) => b.task(slow.as("slow")).task(queued.as("late")),
    quick: (b) => b.task(inlined.as("quick")),
  })
  .task(queued.as("after"), { input: () => "" });

const retried = workflow("retried", { input: text })
  .task(flaky.as("a"))
  .task(flakyInline.as("b"))
  .task(fragile.as("c"))
  .output((s) => s.c);

const poisoned = workflow("poisoned", { input: text }).task(queued.as("a")).task(fragile.as("b")).task(queued.as("c"));
const exhausted = workflow("exhausted", { input: text }).task(inlined.as("a")).task(flaky.as("b")).task(queued.as("c"));

const stillborn = workflow("stillborn", { input: text })
  .parallel("p", {
    good: (b) => b.task(queued.as("never")),
    bad: (b) =>
      b.set("a", () => {
        throw new Error("no rate");
      }),
  })
  .task(queued.as("after"), { input: () => "" });

export const cases: readonly Case[] = [
  {
    name: "a chain with inline steps",
    scenario: {
      programs: [chain.program],
      handlers: passing("queued", "inlined", "repeated", "repeatedInline"),
      start: start("chain"),
    },
    status: "succeeded",
    output: ["in>a>b", "in>a+in>a>b>c>d>e"],
    steps: ["a", "b", "c", "d", "e"],
  },
  {
    name: "a parallel with an empty branch and another parallel in it",
    scenario: {
      programs: [fork.program],
      handlers: passing("queued", "inlined", "repeatedInline"),
      start: start("fork"),
    },
    status: "succeeded",
    output: [
      {
        left: "in>a>p/left/b>p/left/c",
        none: "in>a",
        right: "in>a>p/right/d",
        both: { x: "in>a>p/both/q/x/e", y: "in>a>p/both/q/y/f" },
      },
      "in>a>p/left/b>p/left/c>g",
    ],
    steps: ["a", "g", "p/both/q/x/e", "p/both/q/y/f", "p/left/b", "p/left/c", "p/right/d"],
  },
  {
    name: "a map with fewer lanes than items",
    scenario: { programs: [lanes.program], handlers: passing("queued", "inlined"), start: start("lanes") },
    status: "succeeded",
    output: ["i", "j", "k", "l", "m"].map((item, n) => `${item}.${item}>pack/${n}/weigh>pack/${n}/box`),
    steps: [0, 1, 2, 3, 4].flatMap((n) => [`pack/${n}/box`, `pack/${n}/weigh`]),
  },
  {
    name: "choices, a match, a block and an early end",
    scenario: { programs: [pick.program], handlers: passing("queued", "inlined", "repeated"), start: start("pick") },
    status: "succeeded",
    output: '{"branch":"long","output":{"branch":"y","output":"in>a>c/long/b!>c/long/m/y/e"}}>z/done/f',
    steps: ["a", "c/long/b", "c/long/m/y/e", "z/done/f"],
  },
  {
    name: "a workflow whose events start another one",
    scenario: {
      programs: [sender.program, receiver.program],
      handlers: passing("queued", "inlined"),
      start: start("sender"),
    },
    status: "succeeded",
    output: "in>a>b",
    also: (sim) => {
      const others = sim.executions().filter((h) => h.workflow === "receiver");
      const outputs = others.map((h) => sim.execution(`receiver/${h.id}`).output).toSorted();
      if (others.some((h) => h.status !== "succeeded")) return "an execution that an event started has failed";
      const wanted = ["in>a>b>r>t", "in>a>r>t"];
      return JSON.stringify(outputs) === JSON.stringify(wanted)
        ? undefined
        : `the events started ${outputs.join(" and ")}`;
    },
  },
  {
    name: "a branch that fails while another runs",
    scenario: {
      programs: [failing.program],
      handlers: {
        ...passing("queued", "inlined"),
        broken: async (_, sleep) => {
          await sleep(300);
          return failure("Broken", true);
        },
        slow: async (call, sleep) => {
          await sleep(1450);
          return pass(call, sleep);
        },
      },
      start: start("failing"),
    },
    status: "failed",
    error: "Broken",
    also: (sim) => {
      const ran = sim.runs.map((run) => run.step.path).filter((path) => ["p/bad/never", "after"].includes(path));
      return ran.length > 0 ? `${ran.join(", ")} ran after the failure` : undefined;
    },
  },
  {
    name: "failures and a crash that are tried again",
    scenario: {
      programs: [retried.program],
      handlers: {
        flaky: failTwice,
        flakyInline: failTwice,
        fragile: (call, sleep) => (call.step.attempt === 1 ? crash : pass(call, sleep)),
      },
      start: start("retried"),
    },
    status: "succeeded",
    output: "in>a>b>c",
    steps: ["a", "b", "c"],
    also: (sim) => {
      const counts = ["a", "b", "c"].map((path) => {
        const record = sim.execution("retried/1").records.get(`step/${path}`);
        return record?.kind === "step" ? [record.failures, record.crashes] : [];
      });
      // A process that dies is not counted: its queue brings the message back.
      return JSON.stringify(counts) === "[[2,0],[2,0],[0,1]]" ? undefined : `counted ${JSON.stringify(counts)}`;
    },
  },
  {
    name: "a step under which every process exits",
    scenario: {
      programs: [poisoned.program],
      handlers: { ...passing("queued"), fragile: () => crash },
      start: start("poisoned"),
    },
    status: "failed",
    error: "crashed",
    steps: ["a", "b"],
  },
  {
    name: "a step that fails until its attempts are used up",
    scenario: {
      programs: [exhausted.program],
      handlers: { ...passing("queued", "inlined"), flaky: () => failure("handler_failed", false) },
      start: start("exhausted"),
    },
    status: "failed",
    error: "handler_failed",
    steps: ["a", "b"],
  },
  {
    name: "an execution that fails at its start",
    scenario: { programs: [stillborn.program], handlers: passing("queued"), start: start("stillborn") },
    status: "failed",
    error: "slot_failed",
    steps: [],
  },
];

/** What is wrong with the end of a run, if anything. */
export function problemsOf(c: Case, sim: Simulation): readonly string[] {
  const { workflow, id } = c.scenario.start;
  const name = `${workflow}/${id}`;
  if (!sim.disk.header(name)) return [...sim.wrong, "there is no execution"];
  const { header, output } = sim.execution(name);
  const problems = [...sim.wrong];
  const same = (what: string, found: unknown, wanted: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      problems.push(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  };
  same("the status", header.status, c.status);
  same("the output", output, c.output);
  same("the error", header.error?.code, c.error);
  if (c.steps) {
    const settled = [...sim.disk.settled].filter(([where]) => where.startsWith(`${name} `));
    same(
      "what settled",
      settled.map(([where, n]) => `${where.split("step/")[1]} ${n}`).toSorted(),
      c.steps.map((s) => `${s} 1`),
    );
  }
  const more = c.also?.(sim);
  return more === undefined ? problems : [...problems, more];
}
