/** Small graphs of the states in which an execution waits: for a time, for a signal, for another execution; and loops. */
import { z } from "zod";
import { contract, type Ended, node, signal, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Program } from "../../lib/model/program.ts";
import type { Asked } from "../../lib/testing/world/plan.ts";
import { type Answer, failure, output, type Scenario } from "../support/simulation.ts";

const text = z.string();
const of = { input: text, output: text };
const queued = node("queued", of);
const inlined = node("inlined", { ...of, inline: true });
const declined = node("declined", { ...of, errors: ["Declined"] });
const decision = signal("decision", { data: text });

const pass: Answer = (call) => output(`${call.input}>${call.step.path}`);
const handlers: Scenario["handlers"] = {
  queued: pass,
  inlined: pass,
  declined: () => failure("Declined", true),
};

export interface FlowGraph {
  readonly name: string;
  readonly scenario: Scenario;
  /** Sent to the execution on its way. */
  readonly asked: readonly Asked[];
  readonly status: "succeeded" | "failed";
  readonly output?: Json;
  /** The code with which it fails. */
  readonly error?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const tell = (afterMs: number, data: string, id = data): Asked => ({
  afterMs,
  order: { kind: "signal", signal: "decision", data, id },
});

/** A workflow that ends with `fail` is none for the compiler. */
type Built = { readonly program: Program } | Ended;
const programOf = (built: Built): Program => (built as { readonly program: Program }).program;

type End = Omit<FlowGraph, "name" | "scenario">;
function graph(end: End, built: Built, ...called: readonly Built[]): FlowGraph {
  const programs = [built, ...called].map(programOf);
  const name = programs[0]?.graph.workflow ?? "";
  return { name, scenario: { programs, handlers, start: { workflow: name, id: "1", input: "in" } }, ...end };
}
const succeeds = (out: Json, ...asked: readonly Asked[]): End => ({ asked, status: "succeeded", output: out });
const fails = (error: string, ...asked: readonly Asked[]): End => ({ asked, status: "failed", error });

const begun = (name: string) => workflow(name, { input: text });

const waitingGraphs: readonly FlowGraph[] = [
  graph(succeeds("in>a>b"), begun("sleeps").task(queued.as("a")).wait("w", { for: "2 days" }).task(inlined.as("b"))),
  graph(
    succeeds("in>a"),
    begun("until")
      .wait("past", { until: () => "2020-01-01T00:00:00Z" })
      .wait("w", { until: () => "2026-01-02T00:00:00+01:00" })
      .task(queued.as("a")),
  ),
  graph(
    succeeds({ x: "in", y: "in>p/y/a" }),
    begun("sleepsBeside").parallel("p", {
      x: (b) => b.wait("w", { for: "1 hour" }),
      y: (b) => b.wait("w", { for: "1 hour" }).task(inlined.as("a")),
    }),
  ),
  graph(
    succeeds("yes>b", tell(HOUR_MS, "yes")),
    begun("asks").task(inlined.as("a")).waitFor(decision, { timeout: "3 hours" }).task(queued.as("b")),
  ),
  graph(fails("timeout"), begun("unheard").waitFor(decision, { timeout: "3 hours" }).task(queued.as("a"))),
  graph(
    succeeds(["timeout", "in>asked/timeout/late"], tell(2 * HOUR_MS, "too late")),
    begun("givenUp")
      .block("asked", (b) => b.waitFor(decision, { timeout: "1 hour" }).task(queued.as("a")), {
        catch: { timeout: (b) => b.task(queued.as("late")).wait("w", { for: "2 hours" }) },
      })
      .output((s) => [s.asked.branch, s.asked.output]),
  ),
  graph(
    succeeds(["1", "2"], tell(HOUR_MS, "1"), tell(HOUR_MS + MINUTE_MS, "1"), tell(3 * HOUR_MS, "2")),
    begun("toldBefore")
      .wait("w", { for: "2 hours" })
      .waitFor(decision, { timeout: "3 hours" })
      .waitFor(decision.as("again"), { timeout: "3 hours" })
      .output((s) => [s.decision, s.again]),
  ),
  graph(
    succeeds(["1", "2"], tell(5 * MINUTE_MS, "1"), tell(10 * MINUTE_MS, "2")),
    begun("toldSoon")
      .waitFor(decision, { timeout: "3 hours" })
      .wait("w", { for: "1 hour" })
      .waitFor(decision.as("again"), { timeout: "3 hours" })
      .output((s) => [s.decision, s.again].toSorted()),
  ),
  graph(
    succeeds("12>a", tell(2 * HOUR_MS, "1"), tell(3 * HOUR_MS, "2"), tell(4 * HOUR_MS, "3")),
    begun("twoAsk")
      .parallel("p", {
        x: (b) => b.waitFor(decision, { timeout: "9 hours" }),
        y: (b) =>
          b.wait("w", { for: "1 hour" }).waitFor(decision, { timeout: "9 hours" }).wait("v", { for: "2 hours" }),
      })
      .task(inlined.as("a"), { input: (s) => `${s.p.x}${s.p.y}` }),
  ),
  graph(
    succeeds(["i1>m/0/a", "j2>m/1/a", "k3>m/2/a"], tell(HOUR_MS, "1"), tell(2 * HOUR_MS, "2"), tell(3 * HOUR_MS, "3")),
    begun("eachAsks")
      .map("m", {
        over: () => ["i", "j", "k"],
        concurrency: 1,
        each: (b) =>
          b.waitFor(decision, { timeout: "9 hours" }).task(inlined.as("a"), { input: (s) => s.item + s.decision }),
      })
      .output((s) => s.m),
  ),
  graph(
    fails("Declined"),
    begun("stopsOthers").parallel("p", {
      asks: (b) => b.waitFor(decision, { timeout: "9 hours" }),
      waits: (b) => b.wait("w", { for: "8 hours" }),
      fails: (b) => b.wait("w", { for: "1 hour" }).task(declined.as("a")),
    }),
  ),
];

const loopingGraphs: readonly FlowGraph[] = [
  graph(
    succeeds("in>l/1/a>l/2/a>l/3/a>b"),
    begun("rounds")
      .loop("l", {
        from: (s) => s.input,
        each: (b) => b.task(queued.as("a")),
        until: (state) => state.endsWith("3/a"),
        max: 3,
      })
      .task(inlined.as("b")),
  ),
  graph(
    fails("loop_limit"),
    begun("tooMany").loop("l", {
      from: (s) => s.input,
      each: (b) => b.task(inlined.as("a")),
      until: () => false,
      max: 2,
    }),
  ),
  graph(
    succeeds(["loop_limit", "in>tried/loop_limit/a"]),
    begun("triesAgain")
      .block(
        "tried",
        (b) =>
          b.loop("l", {
            from: (s) => s.input,
            each: (c) => c.wait("w", { for: "1 hour" }).set("next", (s) => `${s.round.state}${s.round.n}`),
            until: (state) => state === "never",
            max: 3,
          }),
        { catch: { loop_limit: (b) => b.task(queued.as("a")) } },
      )
      .output((s) => [s.tried.branch, s.tried.output]),
  ),
  graph(
    succeeds("yes", tell(HOUR_MS, "no"), tell(2 * HOUR_MS, "not yet"), tell(3 * HOUR_MS, "yes")),
    begun("sendsBack").loop("l", {
      from: () => "",
      each: (b) => b.task(queued.as("ask")).waitFor(decision, { timeout: "9 hours" }),
      until: (state) => state === "yes",
      max: 5,
    }),
  ),
  graph(
    succeeds({ x: "in1212>p/x/l/2/m/two/a", y: "in>p/y/a" }),
    begun("turnsBeside").parallel("p", {
      x: (b) =>
        b.loop("l", {
          from: (s) => s.input,
          each: (c) =>
            c
              .loop("inner", {
                from: (s) => s.round.state,
                each: (d) => d.set("next", (s) => `${s.round.state}${s.round.n}`),
                until: (state) => state.endsWith("2"),
                max: 5,
              })
              .match(
                "m",
                "kind",
                (s) => ({ kind: s.round.n === 2 ? ("two" as const) : ("one" as const), of: s.inner }),
                {
                  one: (d) => d.set("of", (s) => s.inner),
                  two: (d) => d.task(inlined.as("a"), { input: (s) => s.inner }),
                },
              )
              .set("out", (s) => s.m.output),
          until: (state) => state.endsWith("a"),
          max: 5,
        }),
      y: (b) => b.task(queued.as("a")),
    }),
  ),
];

const child = contract("child", { input: text, output: text, errors: ["Declined"] });
const good = begun("child").task(queued.as("c"));
const bad = begun("child").task(declined.as("c"));
const slow = begun("child").wait("w", { for: "2 hours" }).task(queued.as("c"));
const asking = begun("child").waitFor(decision, { timeout: "3 hours" });
const between = contract("between", { input: text, output: text });

const callingGraphs: readonly FlowGraph[] = [
  graph(succeeds("in>c>b"), begun("calls").call(child, {}).task(inlined.as("b")), good),
  graph(fails("Declined"), begun("callFails").call(child, {}).task(inlined.as("b")), bad),
  graph(
    succeeds(["Declined", "in>called/Declined/a"]),
    begun("callCaught")
      .block("called", (b) => b.task(inlined.as("before")).call(child, {}), {
        catch: { Declined: (b) => b.task(queued.as("a")) },
      })
      .output((s) => [s.called.branch, s.called.output]),
    bad,
  ),
  graph(fails("timeout"), begun("callUnheard").call(child, {}), asking),
  graph(
    succeeds(["i>c", "j>c"]),
    begun("callsEach")
      .map("m", { over: () => ["i", "j"], concurrency: 2, each: (b) => b.call(child, {}) })
      .output((s) => s.m),
    good,
  ),
  graph(
    succeeds("in>a"),
    begun("leavesAlone")
      .call(child, { detached: true })
      .task(queued.as("a"), { input: (s) => s.input }),
    slow,
  ),
  graph(
    fails("invalid_input"),
    begun("callRefused").call(child, {}),
    workflow("child", { input: text.max(1) }).task(queued),
  ),
  graph(
    fails("Declined"),
    begun("callStopped").parallel("p", {
      calls: (b) => b.call(child, {}),
      fails: (b) => b.wait("w", { for: "1 hour" }).task(declined.as("a")),
    }),
    slow,
  ),
  graph(fails("timeout"), workflow("callTooSlow", { input: text, timeout: "1 hour" }).call(child, {}), slow),
  graph(
    succeeds("in>c>d"),
    begun("callsDeeper").call(between, {}),
    begun("between").call(child, {}).task(inlined.as("d")),
    good,
  ),
];

export const flowGraphs: readonly FlowGraph[] = [...waitingGraphs, ...loopingGraphs, ...callingGraphs];
