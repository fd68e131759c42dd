/** How long an execution may live: 30 days where its workflow says nothing else, and at most a leap year. */
export const DAY_MS = 24 * 60 * 60_000;
export const DEFAULT_LIFE_MS = 30 * DAY_MS;
export const LONGEST_LIFE_MS = 366 * DAY_MS;
