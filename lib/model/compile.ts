/** From a draft to a program: graph, slots and contracts, with every mistake collected and told at once. */
import { compileRetired } from "./compile/retired.ts";
import { States } from "./compile/states.ts";
import { lifeOf } from "./compile/time.ts";
import type { EventContract, SignalContract, TriggerOptions } from "./contracts.ts";
import type { Draft, Heading } from "./draft.ts";
import type { Graph, Scope, Trigger } from "./graph.ts";
import { hashOf, type Program, type Slot } from "./program.ts";
import { parseSchedule } from "./schedule.ts";

export function compile(heading: Heading, draft: Draft, output: Slot | undefined): Program {
  let timeoutMs: number | undefined;
  const states = new States((problems) => {
    problems.name("workflow", "the name", heading.name);
    if (heading.timeout !== undefined) timeoutMs = lifeOf(problems, heading.timeout);
    return timeoutMs;
  });
  const root = states.scope(draft, "", new Set(), false);
  states.contracts.checkCallbacks();
  const graph = graphOf(states, { heading, root, output, timeoutMs });
  const retired = heading.retired && compileRetired(states, heading.retired);
  states.problems.raise(heading.name);
  const { nodes, events, signals, calls } = states.contracts;
  let hash: string | undefined; // worked out at first need: a Lambda that already knows it does not pay for it
  return {
    graph,
    get hash() {
      hash ??= hashOf(graph);
      return hash;
    },
    slots: states.slots,
    nodes,
    events,
    signals,
    calls,
    input: heading.input,
    ...(retired && { retired }),
  };
}

interface Parts {
  readonly heading: Heading;
  readonly root: Scope;
  readonly output: Slot | undefined;
  readonly timeoutMs: number | undefined;
}

/** What is absent is left out, so that a graph without it keeps its hash. */
function graphOf(states: States, { heading, root, output, timeoutMs }: Parts): Graph {
  const { contracts } = states;
  const trigger = heading.trigger && triggerOf(states, heading.trigger);
  const schedule = heading.schedule && {
    ...parseSchedule(heading.schedule.options, (what) => states.problems.add("on", what)),
    input: states.slot("on.input", heading.schedule.input as Slot),
  };
  return {
    format: 1,
    workflow: heading.name,
    input: contracts.schema(heading.input, "workflow", "input"),
    ...(trigger && { trigger }),
    ...(schedule && { schedule }),
    nodes: contracts.nodeSpecs,
    events: contracts.eventSpecs,
    signals: contracts.signalSpecs,
    ...(Object.keys(contracts.callSpecs).length > 0 && { calls: contracts.callSpecs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    root,
    output: output ? states.slot("output", output) : { kind: "previous" },
  };
}

const triggerOf = (states: States, { event, key, options }: NonNullable<Heading["trigger"]>): Trigger => ({
  kind: "event",
  event: states.contracts.event(event as EventContract, "on"),
  ...(key && { id: states.slot("on.id", key as Slot) }),
  ...whenRunning(states, options),
});

function whenRunning(states: States, { whenRunning: policy }: TriggerOptions = {}) {
  if (policy === undefined) return {};
  if (typeof policy === "object") return { whenRunning: "signal" as const, signal: toBeTold(states, policy.signal) };
  if (!POLICIES.has(policy))
    states.problems.add("on", `whenRunning is ${[...POLICIES].join(", ")} or { signal }, not '${policy}'`);
  return { whenRunning: policy };
}
/** Its states are compiled by now. */
function toBeTold({ contracts, problems }: States, signal: SignalContract): string {
  if (!contracts.signals[signal.signal])
    problems.add("on", `whenRunning gives '${signal.signal}', and nothing here waits for it`);
  contracts.signal("on", signal);
  return signal.signal;
}
const POLICIES: ReadonlySet<string> = new Set(["ignore", "queue", "replace"]);
