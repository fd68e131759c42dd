/** Whether a process grows: its memory when it was warm, and at its end. */
export interface Sample {
  readonly ended: number;
  readonly rssMiB: number;
}

/**
 * Of the last life: the median while it ended the third tenth of its executions (its caches are full by then), and
 * while it ended the last tenth.
 */
export function rssOf(samples: readonly Sample[]): { readonly rssStartMiB: number; readonly rssEndMiB: number } {
  const from = samples[0]?.ended ?? 0;
  const to = samples.at(-1)?.ended ?? 0;
  const between = (begin: number, end: number): number => {
    const within = samples.filter(
      ({ ended }) => ended >= from + begin * (to - from) && ended <= from + end * (to - from),
    );
    const sorted = within.map(({ rssMiB }) => rssMiB).sort((a, b) => a - b);
    return Math.round(sorted[sorted.length >> 1] ?? 0);
  };
  return { rssStartMiB: between(0.2, 0.3), rssEndMiB: between(0.9, 1) };
}
