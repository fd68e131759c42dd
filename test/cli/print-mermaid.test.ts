import { describe, expect, it } from "vitest";
import { z } from "zod";
import { indirectEdges, printMermaid, printSystemMermaid } from "../../lib/cli/print-mermaid.ts";
import { event, node, workflow } from "../../lib/index.ts";
import type { Graph, State } from "../../lib/model/graph.ts";
import { graphOf, scopeOf, task } from "../support/graphs.ts";

const N = z.object({ n: z.number() });
const begun = event("a.b", "Begun", { version: 1, data: N });
const ended = event("a.b", "Ended", { version: 1, data: N });
const one = node("one", { input: N, output: N });
const two = node("two", { input: N, output: N });

const first = workflow("first", { input: N, on: begun })
  .task(one)
  .parallel("both", {
    two: (b) => b.task(two),
    twice: (b) => b.task(two).task(two.as("again")),
    nothing: (b) => b,
  })
  .choice("way", (s) => (s.input.n > 1 ? "stop" : "on"), {
    stop: (b) => b.fail("TooMany", () => "too many"),
    on: (b) => b,
  })
  .set("half", (s) => ({ n: s.input.n / 2 }))
  .map("each", { over: () => [1, 2], each: (b) => b.set("square", (s) => s.item * s.item), concurrency: 3 })
  .block("body", (b) => b.set("inner", () => ({ n: 1 })))
  .emit(ended, (s) => s.half);
const second = workflow("second", { input: N, on: ended });

/** Without the ids' prefix of the workflow, which every line has. */
const linesOf = (text: string, name: string): string[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().replaceAll(`w_${name}`, "·"));

describe("a workflow as a Mermaid flowchart", () => {
  it("has a shape for each kind of state, scopes as subgraphs, and the names of branches on their edges", () => {
    expect(linesOf(printMermaid(first.program.graph), "first")).toEqual([
      "flowchart TD",
      'event__w_a__2e__b_Begun>"a.b Begun"]',
      "event__w_a__2e__b_Begun -.-> ·__start",
      '·__start(["first"])',
      '·_one["one"]',
      'subgraph ·_both["both: all at once"]',
      '·_both_two_two["two"]',
      'subgraph ·_both_twice["twice"]',
      '·_both_twice_two["two"]',
      '·_both_twice_again["again: two"]',
      "end",
      'subgraph ·_both_nothing["nothing"]',
      "·_both_nothing___7e__(( ))",
      "end",
      "end",
      '·_way{"way"}',
      '·_way_stop_fail{{"fails: TooMany"}}',
      '·_half[/"half"/]',
      'subgraph ·_each["each: each, 3 at once"]',
      '·_each_each_square[/"square"/]',
      "end",
      'subgraph ·_body["body"]',
      '·_body_done_inner[/"inner"/]',
      "end",
      '·_emitEnded>"Ended"]',
      "·__end([end])",
      "·__start --> ·_one",
      "·_one --> ·_both_two_two",
      "·_one --> ·_both_twice_two",
      "·_one --> ·_both_nothing___7e__",
      "·_both_twice_two --> ·_both_twice_again",
      "·_both_two_two --> ·_way",
      "·_both_twice_again --> ·_way",
      "·_both_nothing___7e__ --> ·_way",
      '·_way -->|"stop"| ·_way_stop_fail',
      '·_way -->|"on"| ·_half',
      "·_half --> ·_each_each_square",
      "·_each_each_square --> ·_body_done_inner",
      "·_body_done_inner --> ·_emitEnded",
      "·_emitEnded --> ·__end",
    ]);
  });

  it("has no end when every way fails", () => {
    const refuses = workflow("refuses", { input: N }).choice("way", () => "no", {
      no: (b) => b.fail("No", () => "no"),
    });
    expect(printMermaid(refuses.program.graph)).not.toContain("__end");
  });

  it("draws transitions that go back, catches, and the kinds that are still to come", () => {
    const states: Record<string, State> = {
      ask: {
        ...(task("again") as Extract<State, { kind: "task" }>),
        catch: [{ codes: ["A", "B"], branch: { scope: scopeOf({ mend: task(null) }) } }],
      },
      again: {
        kind: "choice",
        pick: { kind: "previous" },
        next: "late",
        branches: { back: { to: "ask" }, on: { scope: scopeOf({}) } },
      },
      late: {
        kind: "race",
        next: null,
        branches: {
          timer: scopeOf({ nap: { kind: "wait", forMs: 1, next: null } }),
          call: scopeOf({
            sub: { kind: "call", workflow: "other", input: { kind: "previous" }, detached: false, next: null },
          }),
        },
      },
    };
    const lines = linesOf(printMermaid(graphOf(scopeOf(states))), "byHand");
    expect(lines).toEqual(
      expect.arrayContaining([
        '·_ask -->|"catch A, B"| ·_ask_A__7c__B_mend',
        '·_again -->|"back"| ·_ask',
        '·_again -->|"on"| ·_late_timer_nap',
        "·_ask --> ·_again",
        "·_ask_A__7c__B_mend --> ·_again",
        '·_late_timer_nap("nap")',
        '·_late_call_sub[["sub: other"]]',
        "·_late_call_sub --> ·__end",
      ]),
    );
  });

  it("escapes what Mermaid or HTML would read as its own, and keeps ids apart", () => {
    const names = ['a "b" <c>', "a/b", "a_b", "end", "`#35;`\n]"];
    const states = Object.fromEntries(names.map((name, i) => [name, task(names[i + 1] ?? null)] as const));
    const text = printMermaid({ ...graphOf(scopeOf(states)), workflow: "end" });
    expect(text).toContain('["a #34;b#34; #60;c#62;: work"]');
    expect(text).toContain('["#96;#35;35;#96; ]: work"]');
    const ids = [...text.matchAll(/^ {2}(\w+)\[/gm)].map((match) => match[1]);
    // `a/b` is the path of a state in a scope; ids of paths are told apart from ids of names.
    expect(new Set(ids).size).toBe(names.length);
    expect(text.split("\n").every((line) => /^(flowchart TD| {2}\w+.*|)$/.test(line))).toBe(true);
  });
});

describe("a system as a Mermaid flowchart", () => {
  const graphs: readonly Graph[] = [first.program.graph, second.program.graph];

  it("has a subgraph for each workflow, with the events between them dashed", () => {
    const lines = linesOf(printSystemMermaid(graphs), "").filter((line) => !line.includes(" --> "));
    expect(lines).toEqual(
      expect.arrayContaining([
        'subgraph ·first["first"]',
        'subgraph ·second["second"]',
        '·first_emitEnded -.->|"Ended"| ·second__start',
        'event__·a__2e__b_Begun>"a.b Begun"]',
        "event__·a__2e__b_Begun -.-> ·first__start",
      ]),
    );
    expect(lines.filter((line) => line.includes("-.->"))).toHaveLength(2);
  });

  it("tells its indirect edges as data", () => {
    expect(indirectEdges(graphs)).toEqual([
      { from: "first", state: "emitEnded", event: { source: "a.b", type: "Ended" }, to: "second" },
    ]);
  });
});
