/**
 * An attempt with a heartbeat: one that is silent for too long is over. The engine is told of a beat three times in that
 * time at most, however often the handler calls.
 */
import type { Beat } from "../ports/handlers.ts";

export interface SilenceOptions {
  /** Absent: it may be silent. */
  readonly mostMs: number | undefined;
  readonly beat: Beat;
  /** It was silent for longer. */
  readonly onSilent: (mostMs: number) => void;
  /** Nothing will come of the attempt. */
  readonly onStop: (reason: string) => void;
}

export class Silence {
  readonly #options: SilenceOptions;
  #timer: NodeJS.Timeout | undefined;
  #toldMs = performance.now();
  #over = false;

  constructor(options: SilenceOptions) {
    this.#options = options;
    const { mostMs, onSilent } = options;
    if (mostMs !== undefined) this.#timer = setTimeout(() => onSilent(mostMs), mostMs);
  }

  beat(): void {
    const { mostMs } = this.#options;
    if (mostMs === undefined || this.#over) return;
    this.#timer?.refresh();
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < mostMs / 3) return;
    this.#toldMs = nowMs;
    void this.#tell();
  }

  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  /** One that could not be told is no reason to stop: if the step is lost, the attempt's end is refused. */
  async #tell(): Promise<void> {
    const { beat, onStop } = this.#options;
    const answer = await beat().catch(() => "go on" as const);
    if (answer === "stop" && !this.#over) onStop("the execution is ending");
  }
}
