import type { z } from "zod";
import { compile } from "./compile.ts";
import type { EventContract, Node, SignalContract, TriggerOf, WorkflowContract } from "./contracts.ts";
import type { Draft, DraftState, Drafts, Heading, LoopDraft, MapDraft, TaskDraft } from "./draft.ts";
import type { Json } from "./json.ts";
import type { Program, Slot } from "./program.ts";
import type { ScheduleOf } from "./schedule.ts";
import { asZod, type SchemaOf } from "./schema.ts";
import type { Builder, WorkflowOptions } from "./types.ts";

/**
 * Begins a workflow.
 *
 * @example
 * export const greet = workflow("greet", { input: z.object({ name: z.string() }) })
 *   .task(lookup)
 *   .task(send, { input: (s) => ({ to: s.input.name, text: s.lookup.greeting }) });
 *
 * Each call gives back a new builder, which is itself a workflow. Mistakes that the compiler cannot see are reported
 * all at once when the workflow is first used.
 */
export function workflow<const N extends string, I extends SchemaOf<Json>>(
  name: N,
  options: { readonly input: I } & WorkflowOptions<NoInfer<z.infer<I>>>,
): Builder<{ readonly input: z.infer<I> }, z.infer<I>> {
  const on = options.on as TriggerOf | EventContract | ScheduleOf | undefined;
  const schedule = on?.kind === "schedule" ? on : undefined;
  const trigger =
    on?.kind === "event" ? { kind: "trigger" as const, event: on } : on?.kind === "trigger" ? on : undefined;
  const { timeout, retired } = options;
  const input = asZod(options.input);
  const more = { ...(timeout !== undefined && { timeout }), ...(retired && { retired }) };
  const heading = { name, input, trigger, schedule, ...more };
  const chain = new Chain(heading, { states: [] });
  return chain as unknown as Builder<{ readonly input: z.infer<I> }, z.infer<I>>;
}

type Branch = (b: Chain) => unknown;
type Branches = Readonly<Record<string, Branch>>;
/** What `each` is made of, as a function yet; `K` may be left out. */
type Repeated<D extends { each: Draft }, K extends keyof D = never> = Omit<D, "kind" | "each" | K> &
  Partial<Pick<D, K>> & { readonly each: Branch };
interface CallOptions {
  readonly as?: string;
  readonly detached?: boolean;
  readonly input?: Slot;
}

/** The builder at run time: immutable, so a chain can be continued in two ways. Its types are `Builder`'s. */
class Chain {
  readonly kind = "workflow";
  readonly name: string;
  readonly #heading: Heading;
  readonly #draft: Draft;
  readonly #output: Slot | undefined;
  #program: Program | undefined;

  constructor(heading: Heading, draft: Draft, output?: Slot) {
    this.name = heading.name;
    this.#heading = heading;
    this.#draft = draft;
    this.#output = output;
  }

  get program(): Program {
    this.#program ??= compile(this.#heading, this.#draft, this.#output);
    return this.#program;
  }

  task(node: Node, options: Omit<TaskDraft, "kind" | "node"> = {}): Chain {
    return this.#add(node.name, { ...options, kind: "task", node });
  }
  block(name: string, body: Branch, options: { catch?: Branches } = {}): Chain {
    const caught = options.catch && this.#branches(options.catch);
    return this.#add(name, { kind: "block", body: this.#branch(body), ...(caught && { catch: caught }) });
  }
  parallel(name: string, branches: Branches): Chain {
    return this.#add(name, { kind: "parallel", branches: this.#branches(branches) });
  }
  choice(name: string, pick: Slot, branches: Branches): Chain {
    return this.#add(name, { kind: "choice", pick, branches: this.#branches(branches) });
  }
  match(name: string, by: string, of: Slot, branches: Branches): Chain {
    return this.#add(name, { kind: "match", by, of, branches: this.#branches(branches) });
  }
  race(name: string, branches: Branches): Chain {
    return this.#add(name, { kind: "race", branches: this.#branches(branches) });
  }
  map(name: string, { each, concurrency = 10, ...options }: Repeated<MapDraft, "concurrency">): Chain {
    return this.#add(name, { ...options, kind: "map", each: this.#branch(each), concurrency });
  }
  loop(name: string, { each, ...options }: Repeated<LoopDraft>): Chain {
    return this.#add(name, { ...options, kind: "loop", each: this.#branch(each) });
  }
  wait(name: string, time: { for?: string; until?: Slot }): Chain {
    return this.#add(name, { ...time, kind: "wait" });
  }
  waitFor(signal: SignalContract, options: { timeout?: string } = {}): Chain {
    return this.#add(signal.name, { ...options, kind: "waitFor", signal });
  }
  call(contract: WorkflowContract, { as = contract.name, detached = false, input }: CallOptions = {}): Chain {
    return this.#add(as, { kind: "call", contract, detached, ...(input && { input }) });
  }
  set(name: string, value: Slot): Chain {
    return this.#add(name, { kind: "set", value });
  }
  emit(event: EventContract, data: Slot): Chain {
    return this.#add(this.#free(`emit${event.type.replace(/[^A-Za-z0-9]/g, "")}`), { kind: "emit", event, data });
  }
  fail(code: string, message: Slot): Chain {
    return this.#add(this.#free("fail"), { kind: "fail", code, message });
  }
  succeed(output: Slot): Chain {
    return this.#add(this.#free("succeed"), { kind: "succeed", output });
  }
  output(output: Slot): Chain {
    return new Chain(this.#heading, this.#draft, output);
  }

  #add(name: string, state: DraftState): Chain {
    const last = this.#draft.states.at(-1)?.[1].kind;
    const misuse =
      last === "fail" || last === "succeed"
        ? `'${name}' follows a ${last}, which ends its branch: put it before, or into another branch`
        : this.#output
          ? `'${name}' follows output(), which comes last`
          : undefined;
    return new Chain(this.#heading, { states: [...this.#draft.states, [name, state]], ...(misuse && { misuse }) });
  }
  #branch(body: Branch): Draft {
    const empty = new Chain(this.#heading, { states: [] });
    const made = typeof body === "function" ? body(empty) : undefined;
    if (made instanceof Chain) return made.#draft;
    return { states: [], misuse: "a branch is a function that gives back the builder it was given: (b) => b.task(…)" };
  }
  #branches(branches: Branches): Drafts {
    return Object.fromEntries(Object.entries(branches).map(([name, body]) => [name, this.#branch(body)]));
  }
  /** Names for states that no other state refers to. The first keeps its bare name, so an insertion elsewhere renames nothing. */
  #free(name: string): string {
    const short = (name[0]?.toLowerCase() ?? "x") + name.slice(1, 28);
    const taken = new Set(this.#draft.states.map(([n]) => n));
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? short : short + n;
      if (!taken.has(candidate)) return candidate;
    }
  }
}
