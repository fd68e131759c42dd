/** What happened in a world, in order. Times are true ones: no worker's clock shows them. */
export interface Happening {
  readonly atMs: number;
  /** 0: nobody's doing. */
  readonly worker: number;
  /** The number of the port call; 0 for what is none. */
  readonly call: number;
  readonly what: string;
  /** What became of it. */
  readonly outcome?: string;
}

const SHORTEST_GAP_MS = 1000;

/** A timeline for people, one line each. */
export function printHistory(history: readonly Happening[]): string {
  const start = history[0]?.atMs ?? 0;
  let before = start;
  return history
    .map(({ atMs, worker, call, what, outcome }) => {
      const gap = atMs - before >= SHORTEST_GAP_MS ? `${" ".repeat(9)}⋮\n` : "";
      before = atMs;
      const time = ((atMs - start) / 1000).toFixed(3).padStart(10);
      const who = worker === 0 ? "" : `worker ${worker}`;
      const number = call === 0 ? "" : `#${call}`;
      return `${gap}${time} s  ${who.padEnd(10)} ${number.padStart(5)}  ${what}${outcome ? ` → ${outcome}` : ""}`;
    })
    .join("\n");
}
