const GROWTH = 1.5;
const LONGEST_PAUSE_MS = 2_000;

/** How long to wait, each time, before a log is looked at again from outside. */
export function growingPauses(firstMs: number): () => number {
  let nextMs = firstMs;
  return () => {
    const ms = nextMs;
    nextMs = Math.min(LONGEST_PAUSE_MS, nextMs * GROWTH);
    return ms;
  };
}
