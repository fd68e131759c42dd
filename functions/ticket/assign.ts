/**
 * Chooses who takes an issue: the plan's owner; else whoever has it already; else the one with the fewest open issues
 * among those who know the area, the first by name when several have as few.
 */
import { implement } from "pawl/node";
import { assign } from "./contracts.ts";
import team from "./team.json" with { type: "json" };

export const handler = implement(assign, async (input) => {
  if (input.owner !== null) return { login: input.owner, because: "onCall" };

  const [current] = input.current;
  if (current !== undefined) return { login: current, because: "alreadyAssigned" };

  const [free] = team.members
    .filter((member) => member.areas.includes(input.area))
    .toSorted((a, b) => a.openIssues - b.openIssues || a.login.localeCompare(b.login, "en"));
  if (free === undefined) throw new Error(`team.json: nobody knows the area ${input.area}`);
  return { login: free.login, because: "leastLoaded" };
});
