/** What is otherwise in a newer graph, for people to see: by itself nothing of it stops an execution in flight. */
import canonicalize from "canonicalize";
import { eventKey, type Graph, type NodeSpec, type State, scopesOf, statesOf } from "../model/graph.ts";
import type { Program } from "../model/program.ts";
import type { Change } from "./change.ts";
import { misfitOf } from "./schema-fits.ts";
import { own } from "./sides.ts";

export function differencesOf(old: Graph, program: Program): readonly Change[] {
  const { graph } = program;
  return [
    ...format(old, graph),
    ...states(old, graph),
    ...nodes(old, program),
    ...input(old, graph),
    ...events(old, program),
    ...signals(old, graph),
    ...calls(old, program),
    ...trigger(old, graph),
    ...schedule(old, graph),
    ...whole(old, graph),
  ];
}

const same = (a: unknown, b: unknown): boolean => canonicalize(a) === canonicalize(b);
const safe = (kind: Change["kind"], where: string, why: string): Change => ({
  kind,
  where,
  verdict: "safe",
  why,
  do: "",
});

function format(old: Graph, graph: Graph): Change[] {
  if (old.format === graph.format) return [];
  const why = `the graph's format was ${old.format} and is ${graph.format}: this version cannot carry it out`;
  return [
    { kind: "format_changed", where: old.workflow, verdict: "refused", why, do: "deploy a version that knows both" },
  ];
}

function states(old: Graph, graph: Graph): Change[] {
  const [was, is] = [new Map(shallow(old)), new Map(shallow(graph))];
  const changes: Change[] = [];
  for (const [path, text] of was)
    if (!is.has(path)) changes.push(safe("state_removed", path, "executions in flight still go through it"));
    else if (is.get(path) !== text) changes.push(safe("state_changed", path, "executions in flight keep it as it was"));
  for (const path of is.keys())
    if (!was.has(path)) changes.push(safe("state_added", path, "executions in flight do not come to it"));
  return changes;
}

/** By path, without the states inside: those have paths of their own. */
function* shallow(graph: Graph): Generator<readonly [string, string]> {
  for (const [path, state] of statesOf(graph.root)) yield [path, textOf(state)];
}
function textOf(state: State): string {
  const inner = new Set<unknown>(scopesOf(state).map(([, scope]) => scope));
  // A branch is told by its name; whose scope it is, by the states in it.
  const flat = JSON.parse(JSON.stringify(state, (_, value) => (inner.has(value) ? null : value))) as unknown;
  return canonicalize(flat) ?? "";
}

function nodes(old: Graph, { graph, retired }: Program): Change[] {
  const changes: Change[] = [];
  for (const [name, spec] of Object.entries(old.nodes)) {
    const now = own(graph.nodes, name);
    const kept = own(retired?.nodes, name);
    if (now) changes.push(...node(spec, now));
    else if (kept) {
      const by = kept.node === name ? "" : `, and '${kept.node}' serves it`;
      changes.push(safe(by ? "node_renamed" : "node_removed", name, `its function and queue stay${by}`));
    } else changes.push(safe("node_removed", name, "no state of the older graph comes to it"));
  }
  for (const name of Object.keys(graph.nodes))
    if (!Object.hasOwn(old.nodes, name)) changes.push(safe("node_added", name, "it gets a function and a queue"));
  return changes;
}

function node(was: NodeSpec, is: NodeSpec): Change[] {
  const changed = (Object.keys({ ...was, ...is }) as (keyof NodeSpec)[]).filter(
    (part) => canonicalize(was[part]) !== canonicalize(is[part]),
  );
  if (changed.length === 0) return [];
  const said = changed.map((part) => {
    if (part === "input") return `input ${how(was.input, is.input)}`;
    if (part === "output") return `output ${how(was.output, is.output)}`;
    return part === "errors" ? errors(was, is) : part;
  });
  return [
    safe("node_changed", is.name, `${said.join(", ")}; executions in flight keep timeouts and retries as they were`),
  ];
}

const how = (was: NodeSpec["input"], is: NodeSpec["input"]): string => {
  if (misfitOf(was, is, "read") === undefined) return "widened";
  return misfitOf(is, was, "read") === undefined ? "narrowed" : "changed";
};
const errors = (was: Pick<NodeSpec, "errors">, is: Pick<NodeSpec, "errors">): string => {
  const more = is.errors.filter((code) => !was.errors.includes(code));
  const fewer = was.errors.filter((code) => !is.errors.includes(code));
  return `errors ${[...more.map((code) => `+${code}`), ...fewer.map((code) => `-${code}`)].join(" ")}`;
};

function input(old: Graph, graph: Graph): Change[] {
  if (canonicalize(old.input) === canonicalize(graph.input)) return [];
  const why = misfitOf(old.input, graph.input, "parsed");
  if (why === undefined) return [safe("input_changed", old.workflow, "what started before is taken as well")];
  return [
    {
      kind: "input_changed",
      where: old.workflow,
      verdict: "safe_once_drained",
      why: `starts that are on their way become dead letters: ${why}`,
      do: "take both for a while, or stop starting until the new version is deployed",
    },
  ];
}

function events(old: Graph, { graph, retired }: Program): Change[] {
  const changes: Change[] = [];
  for (const [key, was] of Object.entries(old.events)) {
    const is = own(graph.events, key);
    if (!is) {
      const kept = own(retired?.events, key);
      changes.push(safe("event_removed", key, kept ? "its contract stays" : "no state of the older graph emits it"));
      continue;
    }
    if (canonicalize(was.data) === canonicalize(is.data)) continue;
    // Whoever sends it knows the older data; whoever listens does too.
    const listens = old.trigger && eventKey(old.trigger.event) === key;
    const why = listens ? misfitOf(was.data, is.data, "parsed") : misfitOf(is.data, was.data, "read");
    if (why === undefined) changes.push(safe("event_changed", key, "others need not know"));
    else
      changes.push({
        kind: "event_changed",
        where: key,
        verdict: "refused",
        why: `${listens ? "whoever sends it" : "whoever listens to it"} knows the older data: ${why}`,
        do: "give the changed event a new version",
      });
  }
  for (const key of Object.keys(graph.events))
    if (!Object.hasOwn(old.events, key)) changes.push(safe("event_added", key, ""));
  return changes;
}

function signals(old: Graph, graph: Graph): Change[] {
  const changes: Change[] = [];
  for (const [name, was] of Object.entries(old.signals)) {
    const is = own(graph.signals, name);
    if (!is || canonicalize(was.data) === canonicalize(is.data)) continue;
    const why = misfitOf(was.data, is.data, "parsed");
    if (why === undefined) changes.push(safe("signal_changed", name, "what is sent as before is taken as well"));
    else
      changes.push({
        kind: "signal_changed",
        where: name,
        verdict: "safe_once_drained",
        why: `whoever was asked before answers in the older form: ${why}`,
        do: "take both for a while, or give the changed signal a new name",
      });
  }
  for (const name of Object.keys(graph.signals))
    if (!Object.hasOwn(old.signals, name)) changes.push(safe("signal_added", name, ""));
  return changes;
}

function calls(old: Graph, { graph, retired }: Program): Change[] {
  const changes: Change[] = [];
  for (const [name, was] of Object.entries(old.calls ?? {})) {
    const is = own(graph.calls, name);
    if (!is) {
      const kept = own(retired?.calls, name);
      changes.push(safe("call_removed", name, kept ? "its contract stays" : "no state of the older graph calls it"));
      continue;
    }
    const said = (["input", "output"] as const).flatMap((part) =>
      canonicalize(was[part]) === canonicalize(is[part]) ? [] : [`${part} ${how(was[part], is[part])}`],
    );
    if (canonicalize(was.errors) !== canonicalize(is.errors)) said.push(errors(was, is));
    if (said.length > 0)
      changes.push(safe("call_changed", name, `${said.join(", ")}; the workflow itself checks its input`));
  }
  for (const name of Object.keys(graph.calls ?? {}))
    if (!own(old.calls, name)) changes.push(safe("call_added", name, "its control function may send to it"));
  return changes;
}

function trigger(old: Graph, graph: Graph): Change[] {
  const [was, is] = [old.trigger, graph.trigger].map((one) => one && eventKey(one.event));
  const told = was ?? is ?? "";
  if (was === is) {
    const [before, now] = [old.trigger, graph.trigger].map((one) => ({ ...one, event: null, id: null }));
    const others = "executions have other ids from now on: an event that comes again may start one more";
    return [
      ...(same(old.trigger?.id, graph.trigger?.id) ? [] : [safe("trigger_changed", told, others)]),
      ...(same(before, now) ? [] : [safe("trigger_changed", told, "what waits its turn still has it")]),
    ];
  }
  if (was === undefined) return [safe("trigger_changed", told, "it starts executions from now on")];
  return [
    {
      kind: "trigger_changed",
      where: was,
      verdict: "safe_once_drained",
      why: "events that are on their way start nothing any more, and become dead letters",
      do: "stop sending it first, and deploy when its queue is empty",
    },
  ];
}

function schedule(old: Graph, graph: Graph): Change[] {
  if (canonicalize(old.schedule) === canonicalize(graph.schedule)) return [];
  const why = graph.schedule
    ? "it starts executions at these times from now on"
    : "a time that is due while it is deployed becomes a dead letter";
  return [safe("schedule_changed", old.workflow, why)];
}

/** What is the whole workflow's. */
function whole(old: Graph, graph: Graph): Change[] {
  const { workflow } = graph;
  const kept = "executions in flight keep what they began with";
  return [
    ...(old.timeoutMs === graph.timeoutMs ? [] : [safe("timeout_changed", workflow, kept)]),
    ...(canonicalize(old.output) === canonicalize(graph.output) ? [] : [safe("output_changed", workflow, kept)]),
  ];
}
