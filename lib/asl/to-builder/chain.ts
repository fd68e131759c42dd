/** The steps of one scope as they are made, and what is known behind the last of them. */
import { named } from "./known.ts";
import type { Step } from "./tree.ts";
import { faultsOf, ref, rootsOf, sameValue, unknown, unknownIn, type Value } from "./value.ts";
import { stateName } from "./words.ts";

/** Why the definition is kept. */
export type Refuse = (state: string, why: string) => void;

interface Position {
  /** What `$` is. */
  readonly document: Value;
  /** The output before, which a step takes that says nothing else. */
  readonly previous: Value;
  readonly variables: ReadonlyMap<string, Value>;
  readonly names: ReadonlySet<string>;
  /** Within a parallel or a map, where nothing can end the execution as succeeded. */
  readonly isForked: boolean;
  /** Any error goes on in a branch: one that nothing catches in the definition must not come. */
  readonly isCaught: boolean;
}

/** The fields of a state that say what it passes on. */
interface Passing {
  readonly assigned: (result?: Value) => ReadonlyMap<string, Value>;
  readonly output: (result?: Value) => Value;
  /** Nothing that has been worked out is left out of these. */
  readonly isUsed: (...values: readonly Value[]) => boolean;
}

export class Chain {
  readonly steps: Step[] = [];
  document: Value;
  previous: Value;
  variables: ReadonlyMap<string, Value>;
  readonly names: Set<string>;
  readonly isForked: boolean;
  readonly isCaught: boolean;
  /** Nothing follows. */
  isEnded = false;
  readonly #refuse: Refuse;

  constructor(refuse: Refuse, at: Partial<Position> = {}) {
    this.#refuse = refuse;
    this.document = at.document ?? ref("input");
    this.previous = at.previous ?? ref("input");
    this.variables = at.variables ?? new Map<string, Value>();
    this.names = new Set(at.names);
    this.isForked = at.isForked ?? false;
    this.isCaught = at.isCaught ?? false;
  }

  /** One that begins here. */
  fork(differs: Partial<Position> = {}): Chain {
    return new Chain(this.#refuse, { ...this, ...differs });
  }

  /** A name that is free here. */
  name(wanted: string): string {
    const name = stateName(wanted, this.names);
    this.names.add(name);
    return name;
  }

  refuse(state: string, why: string): void {
    this.#refuse(state, why);
  }

  /** That a slot may be made of it. */
  check(state: string, ...values: readonly Value[]): void {
    for (const value of values) {
      const why = unknownIn(value);
      if (why !== undefined) this.refuse(state, why);
      else if (this.isCaught && faultsOf(value).has("runtime"))
        this.refuse(state, "it may fail with States.Runtime, which its Catch does not take up, and the builder's does");
    }
  }

  /** Is worked out here, and known by a name from here on. */
  hold(state: string, wanted: string, value: Value): void {
    this.check(state, value);
    const name = this.name(wanted);
    this.steps.push({ kind: "set", name, value });
    this.document = named([name], value);
    this.previous = this.document;
  }

  /** Is worked out before the state, and leaves the document as it is. @returns its name */
  before(state: string, value: Value): Value {
    const { document } = this;
    this.hold(state, `${state} input`, value);
    const held = this.document;
    this.document = document;
    return held;
  }

  /** What a state passes on, once it has made this. */
  pass(state: string, flow: Passing, result?: Value): void {
    const [assigned, passed] = [flow.assigned(result), flow.output(result)];
    if (!flow.isUsed(passed, ...assigned.values())) this.refuse(state, UNUSED);
    this.assign(state, assigned);
    this.settle(state, `after ${state}`, passed);
  }

  /** The document from here on. What may fail is worked out at once. */
  settle(state: string, wanted: string, value: Value): void {
    if (faultsOf(value).size > 0) this.hold(state, wanted, value);
    else this.document = value;
  }

  /** Variables take their values together. */
  assign(state: string, values: ReadonlyMap<string, Value>): void {
    if (values.size === 0) return;
    const held = [...values].map(([variable, value]) => {
      if (faultsOf(value).size === 0) return [variable, value] as const;
      this.check(state, value);
      const name = this.name(variable);
      this.steps.push({ kind: "set", name, value });
      this.previous = named([name], value);
      return [variable, this.previous] as const;
    });
    this.variables = new Map([...this.variables, ...held]);
  }

  /** As a branch's output, its document has to be its last step's. */
  finish(state: string): void {
    if (this.isEnded || sameValue(this.document, this.previous)) return;
    this.hold(state, "result", this.document);
  }

  /** Goes on behind branches, which have left their outputs under this name. */
  join(state: string, output: Value, branches: readonly Chain[]): void {
    const open = branches.filter((branch) => !branch.isEnded);
    const [first] = open;
    if (!first) {
      this.isEnded = true;
      return;
    }
    // The new name itself means a step of the branch's own there.
    const seen = new Set([...IN_S, ...this.names].filter((name) => !rootsOf(output).has(name)));
    const isSeen = (value: Value) => [...rootsOf(value)].every((root) => seen.has(root));
    const common = (of: (branch: Chain) => Value | undefined): Value | undefined => {
      const value = of(first);
      return value && isSeen(value) && open.every((one) => sameValue(of(one) ?? NOTHING, value)) ? value : undefined;
    };
    const variables = [...new Set(open.flatMap((branch) => [...branch.variables.keys()]))].map((name) => {
      const value = common((branch) => branch.variables.get(name));
      return [name, value ?? unknown(`nothing tells what the variable '${name}' is here`)] as const;
    });
    this.variables = new Map(variables);
    const document = common((branch) => branch.document);
    const why = open.map((branch) => unknownIn(branch.document)).find((one) => one !== undefined);
    this.document = document ?? (why === undefined ? output : unknown(why));
    if (!document && why === undefined) for (const branch of open) branch.finish(state);
  }
}

export const UNUSED = "it works out what nothing uses, and fails where it cannot";
const NOTHING = unknown("");
const IN_S: ReadonlySet<string> = new Set(["input", "item"]);
