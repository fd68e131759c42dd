/** `npm run test:deep`: all of it, however long it takes. */
export const DEEP = process.env.MODE === "deep";
