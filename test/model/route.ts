/** What follows a step, a join or the start. Asked twice it may answer twice differently, as a user's choice may. */

import { type Catcher, catcherOf } from "./catcher.ts";
import type { Effect, How } from "./effect.ts";
import { after, firstIn, type Place, placeOf, type Sequence, type State } from "./graph.ts";
import type { Key } from "./keys.ts";
import type { Mutant } from "./mutants.ts";
import type { Random } from "./random.ts";

export interface Routing {
  readonly graph: Sequence;
  readonly random: Random;
  readonly by: Key;
  /** By the clock of who asks. */
  readonly now: number;
  readonly breaks: (mutant: Mutant) => boolean;
}

export const routeStart = (routing: Routing): readonly Effect[] => new Router(routing).from("0");
export const routeAfter = (routing: Routing, path: string): readonly Effect[] => new Router(routing).from(after(path));
export const routeFailure = (routing: Routing, path: string): readonly Effect[] => new Router(routing).failed(path);
/** What follows a scope that was ended early. */
export const routeLeft = (routing: Routing, scope: string, how: How): readonly Effect[] =>
  new Router(routing).left(scope, how);

/** A slot threw, or a limit was reached. */
class Failed {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

type Scope = NonNullable<Place["scope"]>;

class Router {
  readonly #routing: Routing;
  #effects: Effect[] = [];
  #todo: string[] = [];

  constructor(routing: Routing) {
    this.#routing = routing;
  }

  from(path: string): readonly Effect[] {
    this.#todo.push(path);
    return this.#run();
  }
  failed(path: string): readonly Effect[] {
    this.#fail(path);
    return this.#run();
  }
  left(scope: string, how: How): readonly Effect[] {
    const cut = scope.lastIndexOf("/");
    if (how.kind === "won") this.#todo.push(after(scope));
    else if (how.kind === "caught") this.#todo.push(firstIn(scope, 1));
    else if (how.kind === "failed") this.#fail(scope);
    else this.#leaveItem(scope.slice(0, cut), Number(scope.slice(cut + 1)));
    return this.#run();
  }

  #run(): readonly Effect[] {
    for (let path = this.#todo.pop(); path !== undefined; path = this.#todo.pop())
      try {
        this.#enter(path);
      } catch (failed) {
        if (!(failed instanceof Failed)) throw failed;
        this.#fail(failed.path);
      }
    return this.#effects;
  }

  #enter(path: string): void {
    const { sequence, index, scope } = placeOf(this.#routing.graph, path);
    const state = sequence[index];
    if (state) this.#begin(path, state);
    else if (scope) this.#leave(scope);
    else this.#effects.push({ kind: "succeed", by: this.#routing.by });
  }

  #begin(path: string, state: State): void {
    const { random, by, now } = this.#routing;
    switch (state.kind) {
      case "task":
        this.#effects.push({ kind: "step", path, by });
        break;
      case "wait":
        this.#effects.push({ kind: "wait", path, due: now + state.ticks, signal: state.signal, by });
        break;
      case "call":
        this.#effects.push({ kind: "call", path, detached: state.detached, by });
        if (state.detached) this.#todo.push(after(path));
        break;
      case "choice":
        if (random.chance(state.throws)) throw new Failed(path);
        this.#todo.push(firstIn(path, random.below(state.branches.length)));
        break;
      case "parallel":
      case "race":
        for (const member of state.branches.keys()) this.#todo.push(firstIn(path, member));
        break;
      case "block":
        this.#todo.push(firstIn(path, 0));
        break;
      case "loop":
        this.#todo.push(firstIn(path, 1));
        break;
      case "map":
        if (state.items === 0) this.#todo.push(after(path));
        for (let item = 0; item < Math.min(state.lanes, state.items); item++) this.#todo.push(firstIn(path, item));
        break;
    }
  }

  /** A branch is done: it arrives at its join, or goes on behind its scope. */
  #leave({ path, state, member }: Scope): void {
    const { by, random } = this.#routing;
    switch (state.kind) {
      case "parallel":
        this.#effects.push({ kind: "arrive", path, member, of: state.branches.length, by });
        break;
      case "map":
        this.#leaveItem(path, member);
        break;
      case "race":
        this.#effects.push({ kind: "leave", scope: path, how: { kind: "won", by }, by });
        break;
      case "loop":
        if (random.chance(state.ends)) this.#todo.push(after(path));
        else if (member >= state.most) throw new Failed(path);
        else this.#todo.push(firstIn(path, this.#routing.breaks("roundspath") ? 1 : member + 1));
        break;
      default:
        this.#todo.push(after(path));
    }
  }

  /** It arrives, and its lane's next item starts. */
  #leaveItem(path: string, member: number): void {
    const { sequence, index } = placeOf(this.#routing.graph, path);
    const map = sequence[index];
    if (map?.kind !== "map") throw new Error(`no map at ${path}`);
    this.#effects.push({ kind: "arrive", path, member, of: map.items, by: this.#routing.by });
    if (member + map.lanes < map.items) this.#todo.push(firstIn(path, member + map.lanes));
  }

  /** What else would have started in the scope that ends by it never starts; what lies beside it does. */
  #fail(path: string): void {
    const { by, graph, breaks } = this.#routing;
    const catcher = catcherOf(graph, path);
    const dropped = (it: string) => !catcher || it.startsWith(catcher.inside) || breaks("throwdrops");
    this.#effects = this.#effects.filter(
      (it) => (it.kind === "call" && it.detached) || !dropped("path" in it ? it.path : "scope" in it ? it.scope : ""),
    );
    this.#todo = this.#todo.filter((it) => !dropped(it));
    if (catcher && !(catcher.kind === "failed" && breaks("racefailure"))) this.#catch(catcher);
    else this.#effects.push({ kind: "fail", by });
  }

  #catch({ kind, scope, forked }: Catcher): void {
    const { by, breaks } = this.#routing;
    if (forked && !(kind === "caught" && breaks("catchleaves"))) {
      this.#effects.push({ kind: "leave", scope, how: { kind, by }, by });
      return;
    }
    const cut = scope.lastIndexOf("/");
    if (kind === "caught") this.#todo.push(firstIn(scope, 1));
    else this.#leaveItem(scope.slice(0, cut), Number(scope.slice(cut + 1)));
  }
}
