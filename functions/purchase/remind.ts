/** Asks again, by the address that was given before: it is still good for one answer. A real one sends a mail. */
import { implement } from "pawl/node";
import { remind } from "./contracts.ts";

export const handler = implement(remind, ({ who, reminders }, step) => {
  step.log(`reminded ${who}`, { reminders });
  return null;
});
