/** From a draft to a program: graph, slots and contracts, with every mistake collected and told at once. */
import { z } from "zod";
import { PawlError } from "../errors.ts";
import type { EventContract, Node, TriggerOptions } from "./contracts.ts";
import type { Draft, DraftState, Drafts, Heading } from "./draft.ts";
import { durationMs } from "./duration.ts";
import { type Data, type EventSpec, eventKey, type Graph, type NodeSpec, type Scope, type State } from "./graph.ts";
import type { JsonSchema } from "./json.ts";
import { EVENT_SOURCE, EVENT_TYPE, NAME, NAME_RULE } from "./name.ts";
import { hashOf, type Program, type Slot } from "./program.ts";
import { parseSchedule } from "./schedule.ts";

/** Names that `s` has without a state of that name. */
const RESERVED = new Set(["input", "item", "round", "error"]);
/** A Lambda ends at 15 minutes; the last one is for settling. */
const LONGEST_TIMEOUT_MS = 14 * 60_000;
const CODE = /^[A-Z][A-Za-z0-9]{0,63}$/;

export function compile(heading: Heading, draft: Draft, output: Slot | undefined): Program {
  const c = new Compiler(heading.name);
  if (!NAME.test(heading.name)) c.problem("workflow", `the name '${heading.name}' is refused: ${NAME_RULE}`);
  const root = c.scope(draft, "", new Set(), false);
  const trigger = heading.trigger && {
    kind: "event" as const,
    event: c.event(heading.trigger.event as EventContract, "on"),
    ...(heading.trigger.key && { id: c.slot("on.id", heading.trigger.key as Slot) }),
    ...whenRunning(c, heading.trigger.options),
  };
  const schedule = heading.schedule && {
    ...parseSchedule(heading.schedule.options, (what) => c.problem("on", what)),
    input: c.slot("on.input", heading.schedule.input as Slot),
  };
  const graph: Graph = {
    format: 1,
    workflow: heading.name,
    input: c.schema(heading.input, "workflow", "input"),
    ...(trigger && { trigger }),
    ...(schedule && { schedule }),
    nodes: c.specs,
    events: c.eventSpecs,
    signals: {},
    root,
    output: output ? c.slot("output", output) : { kind: "previous" },
  };
  c.report();
  let hash: string | undefined; // worked out at first need: a Lambda that already knows it does not pay for it
  return {
    graph,
    get hash() {
      hash ??= hashOf(graph);
      return hash;
    },
    slots: c.slots,
    nodes: c.nodes,
    events: c.events,
    input: heading.input,
  };
}

function whenRunning(c: Compiler, { whenRunning: policy }: TriggerOptions = {}) {
  if (policy === undefined) return {};
  if (!POLICIES.has(policy)) c.problem("on", `whenRunning is ${[...POLICIES].join(", ")}, not '${policy}'`);
  return { whenRunning: policy };
}
const POLICIES: ReadonlySet<string> = new Set(["ignore", "queue", "replace"]);

class Compiler {
  readonly slots: Record<string, Slot> = {};
  readonly nodes: Record<string, Node> = {};
  readonly specs: Record<string, NodeSpec> = {};
  readonly events: Record<string, EventContract> = {};
  readonly eventSpecs: Record<string, EventSpec> = {};
  readonly #problems: string[] = [];
  readonly #workflow: string;

  constructor(workflow: string) {
    this.#workflow = workflow;
  }

  problem(where: string, what: string): void {
    this.#problems.push(`${where}: ${what}`);
  }
  report(): void {
    const list = this.#problems;
    if (list.length === 0) return;
    const count = list.length === 1 ? "a mistake" : `${list.length} mistakes`;
    throw new PawlError(
      "invalid_workflow",
      `workflow '${this.#workflow}' has ${count}:\n${list.map((p) => `  - ${p}`).join("\n")}`,
      { workflow: this.#workflow, problems: list },
    );
  }

  slot(name: string, fn: Slot): Data {
    if (typeof fn !== "function") this.problem(name, `a function is wanted here, not ${typeof fn}`);
    this.slots[name] = fn;
    return { kind: "slot", slot: name };
  }

  /** @param taken names visible from above @param forked whether other branches run beside this scope */
  scope(draft: Draft, above: string, taken: ReadonlySet<string>, forked: boolean): Scope {
    if (draft.misuse) this.problem(above.slice(0, -1) || "workflow", draft.misuse);
    const visible = new Set(taken);
    const states: Record<string, State> = {};
    draft.states.forEach(([name, state], i) => {
      const path = above + name;
      if (!NAME.test(name)) this.problem(path, `the name '${name}' is refused: ${NAME_RULE}`);
      else if (RESERVED.has(name)) this.problem(path, `'${name}' is reserved: give this state another name`);
      else if (visible.has(name) || Object.hasOwn(states, name))
        this.problem(path, `the name '${name}' is taken: give one of them another (.as("…"))`);
      const next = draft.states[i + 1]?.[0] ?? null;
      states[name] = this.#state(path, state, next, visible, forked);
      // The builder names the others itself, in each scope anew; nothing refers to them.
      if (state.kind !== "emit" && state.kind !== "fail" && state.kind !== "succeed") visible.add(name);
    });
    return { start: draft.states[0]?.[0] ?? null, states };
  }

  #state(path: string, d: DraftState, next: string | null, taken: ReadonlySet<string>, forked: boolean): State {
    const inner = (draft: Draft, branch: string, fork = forked) => this.scope(draft, `${path}/${branch}/`, taken, fork);
    const nested = (drafts: Drafts) =>
      this.#branches(path, drafts, (draft, branch) => ({ scope: inner(draft, branch) }));
    switch (d.kind) {
      case "task": {
        this.#node(path, d.node);
        const input: Data = d.input ? this.slot(`${path}.input`, d.input) : { kind: "previous" };
        return { kind: "task", node: d.node.node, input, next };
      }
      case "set":
        return { kind: "set", value: this.slot(`${path}.value`, d.value), next };
      case "choice":
        return { kind: "choice", pick: this.slot(`${path}.pick`, d.pick), branches: nested(d.branches), next };
      case "match":
        return { kind: "match", by: d.by, of: this.slot(`${path}.of`, d.of), branches: nested(d.branches), next };
      case "parallel": {
        const branches = this.#branches(path, d.branches, (draft, branch) => inner(draft, branch, true));
        return { kind: "parallel", branches, next };
      }
      case "map": {
        if (!Number.isInteger(d.concurrency) || d.concurrency < 1 || d.concurrency > 1000)
          this.problem(path, `concurrency is a whole number from 1 to 1000, not ${d.concurrency}`);
        const over = this.slot(`${path}.over`, d.over);
        return { kind: "map", over, each: inner(d.each, "each", true), concurrency: d.concurrency, next };
      }
      case "block":
        return { kind: "block", body: inner(d.body, "done"), next };
      case "emit":
        return {
          kind: "emit",
          event: eventKey(this.event(d.event, path)),
          data: this.slot(`${path}.data`, d.data),
          next,
        };
      case "fail":
        if (!CODE.test(d.code)) this.problem(path, codeRule(d.code));
        return { kind: "fail", code: d.code, message: this.slot(`${path}.message`, d.message) };
      case "succeed":
        if (forked)
          this.problem(
            path,
            "succeed ends the execution, so it cannot stand inside a parallel or a map: go on instead",
          );
        return { kind: "succeed", output: this.slot(`${path}.output`, d.output) };
    }
  }

  #branches<T>(path: string, drafts: Drafts, make: (draft: Draft, branch: string) => T): Record<string, T> {
    const entries = Object.entries(drafts);
    if (entries.length === 0) this.problem(path, "has no branch: give it at least one");
    for (const [name] of entries)
      if (!NAME.test(name)) this.problem(path, `the branch name '${name}' is refused: ${NAME_RULE}`);
    return Object.fromEntries(entries.map(([name, draft]) => [name, make(draft, name)]));
  }

  #node(path: string, node: Node): void {
    const known = this.nodes[node.node];
    if (known) {
      // `.as` makes a new value of the same contract.
      const parts = ["input", "output", "errors", "options"] as const;
      if (parts.some((part) => known[part] !== node[part]))
        this.problem(path, `two nodes are named '${node.node}': a name stands for one contract`);
      return;
    }
    if (!NAME.test(node.node)) this.problem(path, `the node name '${node.node}' is refused: ${NAME_RULE}`);
    for (const code of node.errors) if (!CODE.test(code)) this.problem(path, codeRule(code));
    this.nodes[node.node] = node;
    this.specs[node.node] = this.#spec(path, node);
  }

  #spec(path: string, node: Node): NodeSpec {
    const { inline = false, repeatable = false, timeout = "30 seconds", retry = {} } = node.options;
    const { maxAttempts = 3, firstDelay = "1 second", maxDelay = "1 minute" } = retry;
    if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > 100)
      this.problem(path, `retry.maxAttempts is a whole number from 1 to 100, not ${maxAttempts}`);
    const timeoutMs = this.#duration(path, "timeout", timeout);
    if (timeoutMs > LONGEST_TIMEOUT_MS) this.problem(path, `timeout '${timeout}' is above 14 minutes: split the node`);
    return {
      name: node.node,
      input: this.schema(node.input, path, "input"),
      output: node.output ? this.schema(node.output, path, "output") : { type: "null" },
      errors: node.errors,
      inline,
      repeatable,
      timeoutMs,
      retry: {
        maxAttempts,
        firstDelayMs: this.#duration(path, "retry.firstDelay", firstDelay),
        rate: 2,
        maxDelayMs: this.#duration(path, "retry.maxDelay", maxDelay),
      },
    };
  }

  #duration(path: string, what: string, text: string): number {
    const ms = durationMs(text);
    if (ms === undefined || ms <= 0) {
      this.problem(path, `${what} '${text}' is no duration: write "30 seconds", "5 minutes", "2 hours" or "1 day"`);
      return 1000;
    }
    return ms;
  }

  event(event: EventContract, path: string): EventSpec {
    const key = eventKey(event);
    const known = this.events[key];
    if (known && known.data !== event.data)
      this.problem(path, `two events are ${key}: give the changed one a new version`);
    if (!EVENT_SOURCE.test(event.source))
      this.problem(path, `the event source '${event.source}' is refused: letters, digits and . _ / - , not 'aws.'`);
    if (!EVENT_TYPE.test(event.type))
      this.problem(path, `the event type '${event.type}' is refused: at most 128 letters, digits, spaces and . _ -`);
    if (!Number.isInteger(event.version) || event.version < 1)
      this.problem(path, `an event's version is a whole number from 1, not ${event.version}`);
    this.events[key] = event;
    const data = this.schema(event.data, path, "data");
    const spec = { source: event.source, type: event.type, version: event.version, data };
    this.eventSpecs[key] = spec;
    return spec;
  }

  schema(schema: z.ZodType, path: string, what: string): JsonSchema {
    try {
      return z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.problem(path, `the ${what} schema does not describe JSON: ${why}`);
      return {};
    }
  }
}

const codeRule = (code: string) =>
  `the code '${code}' is refused: a code of your own begins with a capital letter and has at most 64 letters and digits`;
