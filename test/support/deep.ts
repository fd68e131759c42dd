/** `npm run test:deep`: all of it, however long it takes. */
export const DEEP = process.env.MODE === "deep";

/** For a test that takes long by nature: on a machine that has other work it takes what it takes. */
export const LONGEST_MS = DEEP ? 2 * 60 * 60_000 : 15 * 60_000;
/** How long processes that wait for one another may stand still until they are given up. */
export const STILL_MS = DEEP ? 20 * 60_000 : 60_000;
