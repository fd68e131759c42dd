/**
 * Graphs as Mermaid flowcharts: a shape per kind of state, direct edges solid, scopes as subgraphs, and between
 * workflows the events that lead from one to the other, dashed. Pure: text from data.
 */
import { type EventSpec, type Graph, type Scope, type State, statesOf } from "../model/graph.ts";

/** One workflow. */
export function printMermaid(graph: Graph): string {
  const drawing = new Drawing(graph.workflow);
  return ["flowchart TD", ...indented(drawing.draw(graph)), ""].join("\n");
}

/** The whole system: every workflow as a subgraph, with the events between them and those that come from outside. */
export function printSystemMermaid(graphs: readonly Graph[]): string {
  const lines = graphs.flatMap((graph) => {
    const inside = new Drawing(graph.workflow).draw(graph, false);
    return [`subgraph ${id(graph.workflow)}[${quoted(graph.workflow)}]`, ...indented(inside), "end"];
  });
  return ["flowchart TD", ...indented([...lines, ...eventLines(graphs)]), ""].join("\n");
}

/** An event from one workflow's `emit` to another's trigger. */
export interface IndirectEdge {
  readonly from: string;
  /** The path of the `emit`. */
  readonly state: string;
  readonly event: Pick<EventSpec, "source" | "type">;
  readonly to: string;
}

export function indirectEdges(graphs: readonly Graph[]): readonly IndirectEdge[] {
  return graphs.flatMap((from) =>
    [...statesOf(from.root)].flatMap(([path, state]) => {
      const event = state.kind === "emit" ? from.events[state.event] : undefined;
      if (!event) return [];
      const { source, type } = event;
      const listeners = graphs.filter(({ trigger }) => trigger && isSame(trigger.event, event));
      return listeners.map((to) => ({ from: from.workflow, state: path, event: { source, type }, to: to.workflow }));
    }),
  );
}

function eventLines(graphs: readonly Graph[]): readonly string[] {
  const edges = indirectEdges(graphs);
  const outside = graphs.flatMap(({ workflow, trigger }) =>
    trigger && !edges.some((edge) => edge.to === workflow) ? [{ workflow, event: trigger.event }] : [],
  );
  const inner = edges.map(({ from, state, event, to }) => {
    return `${id(from, state)} -.->|${quoted(event.type)}| ${startOf(to)}`;
  });
  return [
    ...inner,
    ...outside.flatMap(({ workflow, event }) => [...eventNode(event), `${eventId(event)} -.-> ${startOf(workflow)}`]),
  ];
}

const isSame = (a: Pick<EventSpec, "source" | "type">, b: Pick<EventSpec, "source" | "type">): boolean =>
  a.source === b.source && a.type === b.type;

/** An end of an edge; `label` belongs to the edge. */
interface Point {
  readonly id: string;
  readonly label?: string;
}

class Drawing {
  readonly #workflow: string;
  readonly #edges: string[] = [];

  constructor(workflow: string) {
    this.#workflow = workflow;
  }

  draw(graph: Graph, withTrigger = true): readonly string[] {
    const start = startOf(graph.workflow);
    const end = `${id(graph.workflow)}__end`;
    const isEmpty = graph.root.start === null;
    if (!isEmpty) this.#connect([{ id: start }], this.#entries(graph.root, ""));
    const lines = [`${start}([${quoted(graph.workflow)}])`, ...this.#scope(graph.root, "")];
    const exits = isEmpty ? [{ id: start }] : this.#exits(graph.root, "");
    if (exits.length > 0) lines.push(`${end}([end])`);
    this.#connect(exits, [{ id: end }]);
    const trigger = withTrigger && graph.trigger ? graph.trigger.event : undefined;
    const before = trigger ? [...eventNode(trigger), `${eventId(trigger)} -.-> ${start}`] : [];
    return [...before, ...lines, ...this.#edges];
  }

  #scope(scope: Scope, above: string): readonly string[] {
    return Object.entries(scope.states).flatMap(([name, state]) => {
      const path = above + name;
      const lines = this.#state(name, path, state);
      if ("next" in state && state.next !== null) {
        const to = scope.states[state.next];
        if (to) this.#connect(this.#exitsOf(path, state), this.#entriesOf(above + state.next, to));
      }
      return lines;
    });
  }

  #state(name: string, path: string, state: State): readonly string[] {
    const own = this.#own(name, path, state);
    const catches = ("catch" in state ? (state.catch ?? []) : []).flatMap(({ codes, branch }) => {
      const from = { id: this.#id(path), label: `catch ${codes.join(", ")}` };
      if (!("scope" in branch)) return this.#connect([from], this.#sibling(path, branch.to));
      const above = `${path}/${codes.join("|")}/`;
      this.#connect([from], this.#entries(branch.scope, above));
      return this.#scope(branch.scope, above);
    });
    return [...own, ...catches];
  }

  #own(name: string, path: string, state: State): readonly string[] {
    switch (state.kind) {
      case "choice":
      case "match": {
        const inner = Object.entries(state.branches).flatMap(([label, branch]) => {
          const from = { id: this.#id(path), label };
          if ("to" in branch) return this.#connect([from], this.#sibling(path, branch.to));
          if (branch.scope.start === null) return []; // goes on with what follows
          this.#connect([from], this.#entries(branch.scope, `${path}/${label}/`));
          return this.#scope(branch.scope, `${path}/${label}/`);
        });
        return [this.#node(path, "{", state.kind === "match" ? `${name} by ${state.by}` : name, "}"), ...inner];
      }
      case "parallel":
      case "race": {
        const inner = Object.entries(state.branches).flatMap(([branch, scope]) => {
          const lines = this.#inside(scope, `${path}/${branch}/`);
          const speaksForItself = lines.length === 1 && scope.states[branch] !== undefined;
          return speaksForItself ? lines : this.#subgraph(`${path}/${branch}`, branch, lines);
        });
        return this.#subgraph(path, `${name}: ${state.kind === "race" ? "the first" : "all at once"}`, inner);
      }
      case "map":
        return this.#subgraph(
          path,
          `${name}: each, ${state.concurrency} at once`,
          this.#inside(state.each, `${path}/each/`),
        );
      case "loop":
        return this.#subgraph(path, `${name}: at most ${state.max} rounds`, this.#inside(state.each, `${path}/each/`));
      case "block":
        return this.#subgraph(path, name, this.#inside(state.body, `${path}/done/`));
      default:
        return [this.#leaf(name, path, state)];
    }
  }

  #leaf(name: string, path: string, state: State): string {
    switch (state.kind) {
      case "task":
        return this.#node(path, "[", state.node === name ? name : `${name}: ${state.node}`, "]");
      case "call":
        return this.#node(path, "[[", state.workflow === name ? name : `${name}: ${state.workflow}`, "]]");
      case "set":
        return this.#node(path, "[/", name, "/]");
      case "emit":
        return this.#node(path, ">", state.event.replace(/^.*\/|@\d+$/g, ""), "]");
      case "fail":
        return this.#node(path, "{{", `fails: ${state.code}`, "}}");
      case "succeed":
        return this.#node(path, "([", "succeeds", "])");
      default: // waits
        return this.#node(path, "(", name, ")");
    }
  }

  #inside(scope: Scope, above: string): readonly string[] {
    return scope.start === null ? [`${this.#id(`${above}~`)}(( ))`] : this.#scope(scope, above);
  }
  #subgraph(path: string, title: string, inner: readonly string[]): readonly string[] {
    return [`subgraph ${this.#id(path)}[${quoted(title)}]`, ...indented(inner), "end"];
  }
  #node(path: string, open: string, label: string, close: string): string {
    return `${this.#id(path)}${open}${quoted(label)}${close}`;
  }
  #id(path: string): string {
    return id(this.#workflow, path);
  }

  #connect(from: readonly Point[], to: readonly Point[]): readonly string[] {
    for (const a of from)
      for (const b of to) this.#edges.push(`${a.id} -->${a.label === undefined ? "" : `|${quoted(a.label)}|`} ${b.id}`);
    return [];
  }
  /** A transition to another state of the same scope. It may be a composite one, which takes the edge as a whole. */
  #sibling(path: string, name: string): readonly Point[] {
    return [{ id: this.#id(path.slice(0, path.lastIndexOf("/") + 1) + name) }];
  }

  /** Where a scope begins. An empty one has a point of its own. */
  #entries(scope: Scope, above: string): readonly Point[] {
    const first = scope.start === null ? undefined : scope.states[scope.start];
    if (scope.start === null || !first) return [{ id: this.#id(`${above}~`) }];
    return this.#entriesOf(above + scope.start, first);
  }
  #entriesOf(path: string, state: State): readonly Point[] {
    switch (state.kind) {
      case "parallel":
      case "race":
        return Object.entries(state.branches).flatMap(([name, scope]) => this.#entries(scope, `${path}/${name}/`));
      case "map":
      case "loop":
        return this.#entries(state.each, `${path}/each/`);
      case "block":
        return this.#entries(state.body, `${path}/done/`);
      default:
        return [{ id: this.#id(path) }];
    }
  }

  /** Where a scope ends: the last states of the ways through it. */
  #exits(scope: Scope, above: string): readonly Point[] {
    if (scope.start === null) return [{ id: this.#id(`${above}~`) }];
    return Object.entries(scope.states).flatMap(([name, state]) =>
      "next" in state && state.next === null ? this.#exitsOf(above + name, state) : [],
    );
  }
  #exitsOf(path: string, state: State): readonly Point[] {
    const caught = ("catch" in state ? (state.catch ?? []) : []).flatMap(({ codes, branch }) =>
      "scope" in branch ? this.#exits(branch.scope, `${path}/${codes.join("|")}/`) : [],
    );
    return [...this.#through(path, state), ...caught];
  }
  #through(path: string, state: State): readonly Point[] {
    switch (state.kind) {
      case "parallel":
      case "race":
        return Object.entries(state.branches).flatMap(([name, scope]) => this.#exits(scope, `${path}/${name}/`));
      case "map":
      case "loop":
        return this.#exits(state.each, `${path}/each/`);
      case "block":
        return this.#exits(state.body, `${path}/done/`);
      case "choice":
      case "match":
        return Object.entries(state.branches).flatMap(([label, branch]) => {
          if ("to" in branch) return [];
          if (branch.scope.start === null) return [{ id: this.#id(path), label }];
          return this.#exits(branch.scope, `${path}/${label}/`);
        });
      case "fail":
      case "succeed":
        return [];
      default:
        return [{ id: this.#id(path) }];
    }
  }
}

const eventId = (event: Pick<EventSpec, "source" | "type">): string => `event__${id(event.source, event.type)}`;
const eventNode = (event: Pick<EventSpec, "source" | "type">): readonly string[] => [
  `${eventId(event)}>${quoted(`${event.source} ${event.type}`)}]`,
];
const startOf = (workflow: string): string => `${id(workflow)}__start`;

/** Letters, digits and `_` only, and never a word of Mermaid's own; different for different paths. */
function id(workflow: string, path?: string): string {
  const safe = (text: string) => text.replaceAll(/[^A-Za-z0-9]/g, (c) => `__${c.codePointAt(0)?.toString(16)}__`);
  return ["w", workflow, ...(path?.split("/") ?? [])].map(safe).join("_");
}

/** Text in quotes; what Mermaid or HTML would read as its own becomes an entity. */
function quoted(text: string): string {
  const escaped = text.replaceAll(/["#&<>`\\]/g, (c) => `#${c.codePointAt(0)};`).replaceAll(/\s+/g, " ");
  return `"${escaped}"`;
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);
