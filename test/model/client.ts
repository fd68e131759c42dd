/** The user: starts, pauses, resumes, cancels, redrives, and heals what a purged queue has lost. Only sends messages. */
import { reached } from "./frontier.ts";
import { hasEnded } from "./headers.ts";
import { START } from "./keys.ts";
import { generationAt } from "./redrive.ts";
import type { Weather } from "./weather.ts";
import type { Parts } from "./work.ts";

const MOST_SIGNALS = 12;

export class Client {
  readonly #parts: Parts;
  readonly #weather: Weather;
  /** Epochs in which a cancel was sent. */
  readonly cancelled = new Set<number>();
  #commands = 0;
  #redrives = 0;
  #signals = 0;
  #heals = 0;
  #pauses = 0;
  /** Messages of it may be lost. */
  purged = false;
  /** A redrive is to be cancelled as soon as it runs. */
  #regrets = false;
  #resumed: string | undefined;

  constructor(parts: Parts, weather: Weather) {
    this.#parts = parts;
    this.#weather = weather;
  }

  /** While faults last: whatever comes to mind. */
  meddle(): void {
    const { random, log, queue } = this.#parts;
    const w = this.#weather;
    const header = log.headers.current;
    if (random.chance(w.purge)) {
      queue.purge();
    }
    if (random.chance(w.heal) && (header || !this.#parts.name.includes(">"))) queue.send({ kind: "start" });
    if (random.chance(w.signal) && this.#signals < MOST_SIGNALS) this.#signal();
    if (!header) return;
    const { epoch } = header;
    if (this.#regrets && header.status === "running") {
      this.#regrets = false;
      this.#cancel(epoch);
    }
    if (random.chance(w.heal)) queue.send({ kind: "heal", epoch });
    if (header.status === "running" && this.#pauses < w.pausesMost && random.chance(w.pause)) {
      this.#pauses++;
      this.#turn("pause");
    }
    if (header.status === "paused" && random.chance(0.15)) this.#turn("resume");
    if (!hasEnded(header) && random.chance(w.cancel)) this.#cancel(epoch);
    this.attend(0.1);
    const redrives = hasEnded(header) || this.#parts.breaks("redriverunning");
    if (redrives && this.#redrives < w.redrivesMost && random.chance(w.redrive)) this.#redrive(epoch);
  }

  /** A person looks after what is stuck, and after what a purge may have lost. */
  attend(chance: number): void {
    const { random, log, queue } = this.#parts;
    const header = log.headers.current;
    if (!header || !random.chance(chance)) return;
    if (header.status === "stuck") this.#unstick(header.epoch);
    else if (this.purged && this.#heals++ < 5) queue.send({ kind: "heal", epoch: header.epoch }); // and again, for who is at work now may die
  }

  /** Once faults are over: what a user does until the execution has ended. True when there is nothing to do. */
  settleDown(): boolean {
    const { log, queue } = this.#parts;
    const header = log.headers.current;
    if (hasEnded(header)) return true;
    if (header?.status === "stuck") {
      this.#unstick(header.epoch);
      return false;
    }
    const unstarted = !header || !log.decisions.has(generationAt(log, header.epoch).key(START));
    if (unstarted) queue.send({ kind: "start" });
    else if (this.purged) queue.send({ kind: "heal", epoch: header.epoch });
    else return header.status !== "paused" || !this.#resumeOnce(header);
    if (!unstarted) this.purged = false;
    return false;
  }

  get mayRedrive(): boolean {
    return this.#weather.redrive > 0.05 && this.#redrives < this.#weather.redrivesMost;
  }

  /** The same resume need not be sent twice: nothing is lost any more. */
  #resumeOnce({ epoch, turns }: { epoch: number; turns: number }): boolean {
    const about = `${epoch} ${turns}`;
    if (this.#resumed === about) return false;
    this.#resumed = about;
    this.#turn("resume");
    return true;
  }

  #turn(kind: "pause" | "resume"): void {
    const { log, queue, random } = this.#parts;
    const header = log.headers.current;
    if (header)
      queue.send({ kind, epoch: header.epoch, turns: header.turns, command: ++this.#commands }, random.below(5));
  }

  #cancel(epoch: number): void {
    const { queue, random } = this.#parts;
    this.cancelled.add(epoch);
    const keep = random.chance(0.3) ? { undo: false } : {};
    queue.send({ kind: "stop", epoch, as: "cancelled", ...keep }, random.below(10));
  }

  /** A person sees to it: once more, or in the end without it. */
  #unstick(epoch: number): void {
    const { queue, random } = this.#parts;
    if (random.chance(0.8)) queue.send({ kind: "redrive", epoch });
    else queue.send({ kind: "stop", epoch, as: "cancelled", undo: false });
  }

  #signal(): void {
    const { queue, random } = this.#parts;
    const name = random.pick(["yes", "no"]);
    queue.send({ kind: "signal", name, id: `${name} ${++this.#signals}` }, random.below(10));
  }

  #redrive(epoch: number): void {
    const { log, queue, random } = this.#parts;
    this.#redrives++;
    this.#regrets = random.chance(0.2);
    const { records } = reached(log, generationAt(log, epoch));
    const steps = [...records.keys()].filter((key) => key.startsWith("step/") && !key.endsWith("/undo"));
    for (let sent = random.below(2); sent >= 0; sent--) {
      const from = steps.length > 0 && random.chance(0.6) ? random.pick(steps).slice("step/".length) : undefined;
      queue.send({ kind: "redrive", epoch, from }, random.below(10));
    }
  }
}
