/** Tells whoever wants something what is missing, and where to hand it in. A real one sends a mail. */
import { implement } from "pawl/node";
import { askForRevision, revision } from "./contracts.ts";

export const handler = implement(askForRevision, async ({ department, request, note }, step) => {
  const who = request.requester;
  const { url } = await step.callback(revision, { for: who, expires: "14 days" });
  step.log(`sent back to ${who}`, { department, note });
  return { who, url };
});
