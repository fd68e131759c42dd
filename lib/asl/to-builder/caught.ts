/**
 * What runs as one state, and its Catch. The builder's `catch` is of a block, whose branches rejoin behind it:
 *
 *     .block("charge", (b) => b.task(charge), { catch: { any: (b) => b.task(note) } })    where they come together at once
 *     .choice("afterCharge", (s) => s.charge.branch, { done: …, any: … })                 where they do later
 */
import type { Catcher } from "../definition.ts";
import { catchersOf, type Taking } from "./catchers.ts";
import type { Chain } from "./chain.ts";
import { Flow } from "./flow.ts";
import { type At, type Failing, goOn, nextOf } from "./place.ts";
import { endsInFail, joinOf } from "./routes.ts";
import { type Branch, canFail } from "./tree.ts";
import { faultsOf, ref, unknown, unknownIn, type Value } from "./value.ts";
import { stateName } from "./words.ts";

/** What the state does: its steps go into the chain, the last of them under a name that is free there. */
export interface Doing {
  /** @returns the name of its last step */
  readonly steps: (chain: Chain) => string;
  /** The state's result, of that step's output. */
  readonly result: (output: Value) => Value;
}

export function blocked(at: At<Failing>, doing: Doing): string | null {
  const catchers = catchersOf(at);
  if (catchers.length === 0) return plainly(at, doing);
  const { chain, name, place, stop, state } = at;
  const next = state.Next ?? null;
  const starts = [...(next === null ? [] : [next]), ...catchers.map(({ catcher }) => catcher.Next)];
  const joined = joinOf(place.nexts, [...new Set(starts)], stop);
  if (joined.kind === "tangled") {
    chain.refuse(name, "what its Catch leads to and what follows do not come together in one state");
    chain.isEnded = true;
    return null;
  }
  const block = new Block(at, doing, catchers);
  const isSingle = catchers.every(({ codes, catcher }) => codes.length === 1 || catcher.Next === joined.at);
  if (isSingle && next === joined.at && (next !== null || stop === null) && block.canFinishInside)
    return block.rejoining();
  const isFailing = catchers.every(({ catcher }) => endsInFail(place, catcher.Next, [stop, joined.at]));
  if (isSingle && isFailing) return block.failing();
  return block.withOutcome(joined.at);
}

function plainly(at: At<Failing>, { steps, result }: Doing): string | null {
  const { chain } = at;
  const step = steps(chain);
  chain.previous = ref(step);
  chain.pass(at.name, at.flow, result(ref(step)));
  return nextOf(at);
}

class Block {
  readonly #at: At<Failing>;
  readonly #doing: Doing;
  readonly #catchers: readonly Taking[];
  readonly #body: Chain;
  /** The last step inside. */
  readonly #step: string;

  constructor(at: At<Failing>, doing: Doing, catchers: readonly Taking[]) {
    this.#at = at;
    this.#doing = doing;
    this.#catchers = catchers;
    const isAny = catchers.some(({ codes }) => codes.includes("any"));
    this.#body = at.chain.fork({ isCaught: at.chain.isCaught || isAny });
    this.#step = doing.steps(this.#body);
    this.#body.previous = ref(this.#step);
  }

  /** What the state passes on cannot fail with what its Catch would not take up. */
  get canFinishInside(): boolean {
    return !this.#body.isCaught || !this.#faults.has("runtime");
  }

  get #faults() {
    const { flow } = this.#at;
    const result = this.#doing.result(ref(this.#step));
    return faultsOf({ kind: "list", items: [flow.output(result), ...flow.assigned(result).values()] });
  }

  /** All branches go on at the state that is next. */
  rejoining(): string | null {
    const { chain, name, state, place } = this.#at;
    const next = state.Next ?? null;
    this.#body.pass(name, this.#at.flow, this.#doing.result(ref(this.#step)));
    const caught = this.#catchers.flatMap(({ codes, catcher }) =>
      codes.map((code) => {
        const branch = this.#caught(catcher);
        place.walk(place, branch, { start: catcher.Next, stop: next });
        return [code, branch] as const;
      }),
    );
    const block = chain.name(name);
    chain.join(name, ref(block, "output"), [this.#body, ...caught.map(([, branch]) => branch)]);
    this.#push(block, caught);
    return next;
  }

  /** None of those that catch comes back. */
  failing(): string | null {
    const { chain, name, place } = this.#at;
    const caught = this.#catchers.flatMap(({ codes, catcher }) =>
      codes.map((code) => {
        const branch = this.#caught(catcher);
        place.walk(place, branch, { start: catcher.Next, stop: null });
        return [code, branch] as const;
      }),
    );
    return this.#behind(chain.name(name), caught);
  }

  #behind(block: string, caught: readonly (readonly [string, Chain])[]): string | null {
    const { chain, name } = this.#at;
    this.#refuseFaults();
    this.#push(block, caught);
    chain.pass(name, this.#at.flow, this.#doing.result(ref(block, "output")));
    return nextOf(this.#at);
  }

  withOutcome(join: string | null): string | null {
    const { chain, name, place, state } = this.#at;
    this.#refuseFaults();
    const caught = this.#catchers.map(({ codes, catcher }) => ({ codes, catcher, branch: this.#caught(catcher) }));
    const block = chain.name(name);
    const empty = this.#catchers.flatMap(({ codes }) => codes.map((code) => [code, chain.fork()] as const));
    this.#push(block, empty);
    const done = chain.fork();
    done.pass(name, this.#at.flow, this.#doing.result(ref(block, "output")));
    goOn({ ...this.#at, chain: done, stop: join }, state.Next ?? null);
    const leads: [string, string][] = [["done", "done"]];
    const branches: [string, Chain][] = [["done", done]];
    for (const { codes, catcher, branch } of caught) {
      for (const one of [block, ...chain.names]) branch.names.add(one);
      if (branch.steps.length === 0) branch.previous = chain.previous;
      place.walk(place, branch, { start: catcher.Next, stop: join });
      const way = stateName(catcher.Next, new Set(branches.map(([taken]) => taken)));
      branches.push([way, branch]);
      leads.push(...codes.map((code): [string, string] => [code, way]));
    }
    const outcome = chain.name(`${name} outcome`);
    chain.join(
      name,
      ref(outcome, "output"),
      branches.map(([, branch]) => branch),
    );
    const made = branches.map(([way, { steps }]): Branch => ({ name: way, steps }));
    chain.steps.push({ kind: "outcome", name: outcome, block, leads, branches: made });
    chain.previous = ref(outcome);
    return join;
  }

  /** Outside of the block, nothing takes up what the Catch would. */
  #refuseFaults(): void {
    if (this.#body.isCaught && this.#faults.has("catchable"))
      this.#at.chain.refuse(this.#at.name, "its Catch takes up what goes wrong with its result as well");
  }

  #caught(catcher: Catcher): Chain {
    const { chain, flow, name } = this.#at;
    const branch = chain.fork();
    const own = new Flow(catcher, flow.isJsonata, branch);
    const error = unknown("it uses the error that a Catch passes on");
    const [assigned, passed] = [own.assigned(error), own.caught()];
    branch.assign(name, assigned);
    if (faultsOf(passed).size === 0) branch.document = passed;
    else if (unknownIn(passed) === undefined) branch.hold(name, `${name} caught`, passed);
    else chain.refuse(name, "its Catch puts the error into what may be no object");
    return branch;
  }

  #push(name: string, caught: readonly (readonly [code: string, branch: Chain])[]): void {
    const { chain, name: state } = this.#at;
    for (const [code] of caught)
      if (code !== "any" && !canFail(this.#body.steps, code))
        chain.refuse(state, `its Catch is for '${code}', with which nothing inside can fail`);
    const catches = caught.map(([code, { steps }]): Branch => ({ name: code, steps }));
    chain.steps.push({ kind: "block", name, body: this.#body.steps, catches });
    chain.previous = ref(name);
  }
}
