/** A dozen graphs of at most 40 port calls, in which every placement of two faults can be tried. */
import { z } from "zod";
import { event, node, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import { type Answer, failure, output, type Scenario } from "../support/simulation.ts";

const text = z.string();
const of = { input: text, output: text };
const queued = node("queued", of);
const repeated = node("repeated", { ...of, repeatable: true });
const inlined = node("inlined", { ...of, inline: true });
const both = node("both", { ...of, inline: true, repeatable: true });
const flaky = node("flaky", { ...of, retry: { maxAttempts: 2 } });
const declined = node("declined", { ...of, errors: ["Declined"] });

const pass: Answer = (call) => output(`${call.input}>${call.step.path}`);
const handlers: Scenario["handlers"] = {
  queued: pass,
  repeated: pass,
  inlined: pass,
  both: pass,
  flaky: (call, sleep) => (call.step.attempt === 1 ? failure("handler_failed", false) : pass(call, sleep)),
  declined: () => failure("Declined", true),
};

export interface SmallGraph {
  readonly name: string;
  readonly scenario: Scenario;
  readonly status: "succeeded" | "failed";
  readonly output?: Json;
}

const begun = (name: string) => workflow(name, { input: text });
const noted = event("tests", "Noted", { version: 1, data: z.object({ text }) });

function graph(
  built: { readonly program: Scenario["programs"][number] },
  status: SmallGraph["status"],
  out?: Json,
): SmallGraph {
  const { program } = built;
  const name = program.graph.workflow;
  const used = Object.fromEntries(Object.keys(program.graph.nodes).map((it) => [it, handlers[it] as Answer]));
  const scenario = { programs: [program], handlers: used, start: { workflow: name, id: "1", input: "in" } };
  return { name, scenario, status, ...(out !== undefined && { output: out }) };
}

export const smallGraphs: readonly SmallGraph[] = [
  graph(begun("one").task(queued.as("a")), "succeeded", "in>a"),
  graph(begun("two").task(queued.as("a")).task(queued.as("b")), "succeeded", "in>a>b"),
  graph(begun("segment").task(inlined.as("a")).task(both.as("b")).task(inlined.as("c")), "succeeded", "in>a>b>c"),
  graph(begun("repeats").task(repeated.as("a")).task(both.as("b")), "succeeded", "in>a>b"),
  graph(
    begun("fork").parallel("p", { x: (b) => b.task(queued.as("a")), y: (b) => b.task(queued.as("b")) }),
    "succeeded",
    { x: "in>p/x/a", y: "in>p/y/b" },
  ),
  graph(
    begun("ride")
      .parallel("p", { x: (b) => b.task(inlined.as("a")), y: (b) => b, z: (b) => b.task(inlined.as("b")) })
      .task(queued.as("c"), { input: (s) => s.p.x }),
    "succeeded",
    "in>p/x/a>c",
  ),
  graph(
    begun("nested").parallel("p", {
      x: (b) => b.parallel("q", { u: (c) => c.task(both.as("a")), v: (c) => c }),
      y: (b) => b.task(queued.as("b")),
    }),
    "succeeded",
    { x: { u: "in>p/x/q/u/a", v: "in" }, y: "in>p/y/b" },
  ),
  graph(
    begun("lane")
      .map("m", { over: () => ["i", "j", "k"], each: (b) => b.task(inlined.as("a")), concurrency: 1 })
      .output((s) => s.m),
    "succeeded",
    ["i>m/0/a", "j>m/1/a", "k>m/2/a"],
  ),
  graph(
    begun("chosen")
      .task(queued.as("a"))
      .choice("c", (s) => (s.a.length > 2 ? "long" : "short"), {
        long: (b) => b.task(inlined.as("b")),
        short: (b) => b.fail("TooShort", () => "never"),
      })
      .output((s) => s.c.output),
    "succeeded",
    "in>a>c/long/b",
  ),
  graph(
    begun("sends")
      .task(inlined.as("a"))
      .emit(noted, (s) => ({ text: s.a }))
      .task(queued.as("b")),
    "succeeded",
    "in>a>b",
  ),
  graph(begun("retried").task(flaky.as("a")).task(inlined.as("b")), "succeeded", "in>a>b"),
  graph(
    begun("stopped").parallel("p", { bad: (b) => b.task(declined.as("a")), good: (b) => b.task(queued.as("b")) }),
    "failed",
  ),
];
