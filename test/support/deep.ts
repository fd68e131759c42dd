/** `npm run test:deep`: all of it, however long it takes. */
export const DEEP = process.env.MODE === "deep";

/** For a test of processes that wait for one another: on a machine that has other work they take what they take. */
export const LONGEST_MS = DEEP ? 2 * 60 * 60_000 : 15 * 60_000;
/** How long they may stand still until they are given up. */
export const STILL_MS = DEEP ? 20 * 60_000 : 60_000;
