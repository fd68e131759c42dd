/** Makes an incident of an urgent issue: due in four hours, and owned by whoever is on call that day (in UTC). */
import { implement } from "pawl/node";
import { escalate, type Plan } from "./contracts.ts";
import team from "./team.json" with { type: "json" };

export const handler = implement(escalate, async (input, step): Promise<Plan> => {
  const weekday = new Date(input.updatedAt).getUTCDay();
  const owner = team.onCall[weekday];
  if (owner === undefined) throw new Error(`team.json: nobody is on call on day ${weekday} (0 is Sunday)`);
  step.log("incident opened", { reference: input.reference, owner });
  return { queue: "incident", dueHours: 4, owner };
});
