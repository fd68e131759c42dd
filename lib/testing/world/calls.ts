/** The port calls of one worker, each of which the plan may befall. */
import type { SingleRequest } from "../../engine/requests.ts";
import { messageOf, PawlError } from "../../errors.ts";
import { type Life, silence } from "./life.ts";
import type { Fault } from "./plan.ts";
import { outcomeOfCall } from "./print-call.ts";

/** Faults that only some calls can have. */
export interface CanBefall {
  readonly refuse: boolean;
  readonly part: boolean;
}

/** What decides of a call, and what is told of it. */
export interface Fate {
  nextCall(can: CanBefall): { readonly call: number; readonly faults: readonly Fault[] };
  note(life: Life, what: string, outcome?: string, call?: number): void;
  kill(life: Life, what?: string, call?: number): void;
  sleep(ms: number): Promise<void>;
  /** As long as the plan says that anything takes. */
  jitter(): Promise<void>;
  /** Somebody outside asks for something. */
  order(order: SingleRequest): Promise<void>;
  /** All messages are gone. */
  purge(): void;
}

/** A call as the plan meets it. */
export interface Call<T> {
  readonly what: string;
  readonly effect: () => T | Promise<T>;
  /** Some of the effect: every second part. Absent where there are no parts. */
  readonly part?: (() => void) | undefined;
  readonly refusable?: boolean;
}

export class Calls {
  readonly #world: Fate;
  readonly #life: Life;

  constructor(world: Fate, life: Life) {
    this.#world = world;
    this.#life = life;
  }

  /** What the plan says of this call befalls it. */
  async make<T>({ what, effect, part, refusable }: Call<T>): Promise<T> {
    const world = this.#world;
    const life = this.#life;
    if (life.dead) return silence();
    const { call, faults } = world.nextCall({ refuse: refusable === true, part: part !== undefined });
    await world.jitter();
    for (const fault of faults) {
      if (life.dead) return silence();
      if (fault.kind === "control") await world.order(fault.order);
      if (fault.kind === "purge") world.purge();
      if (fault.kind === "crash" && fault.when === "before") world.kill(life, `${what}, before which`, call);
      if (fault.kind === "stall" && fault.when === "before") {
        world.note(life, `${what}: waits ${fault.ms / 1000} s`, undefined, call);
        await world.sleep(fault.ms);
      }
      const refused = (fault.kind === "refuse" && refusable) || (fault.kind === "part" && part);
      if (refused && !life.dead) {
        if (fault.kind === "part") part?.();
        world.note(life, what, fault.kind === "part" ? "done in part, then refused" : "refused", call);
        throw new PawlError("storage_failed", "throttled: it may be tried again");
      }
    }
    if (life.dead) return silence();
    let result: T;
    try {
      result = await effect();
    } catch (error) {
      if (life.dead) return silence();
      world.note(life, what, `throws ${messageOf(error)}`, call);
      throw error;
    }
    world.note(life, what, life.dead ? "done, and nobody hears of it" : outcomeOfCall(result), call);
    if (life.dead) return silence();
    for (const fault of faults) {
      if (life.dead) return silence();
      if (fault.kind === "crash" && fault.when === "after") world.kill(life, "after that", call);
      if (fault.kind === "stall" && fault.when === "after") {
        world.note(life, `and hears of it ${fault.ms / 1000} s later`, undefined, call);
        await world.sleep(fault.ms);
      }
    }
    await world.jitter();
    return life.dead ? silence() : result;
  }
}
