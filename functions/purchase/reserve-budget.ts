/** Holds the money for a request. Ends with BudgetExceeded when its cost centre has less than that. */
import { implement } from "pawl/node";
import budgets from "./budgets.json" with { type: "json" };
import { reserveBudget } from "./contracts.ts";

const budgetOf = new Map(Object.entries(budgets));

export const handler = implement(reserveBudget, ({ requestId, costCentre, cents }, step) => {
  const budget = budgetOf.get(costCentre);
  if (!budget) return step.fail("UnknownCostCentre", { costCentre });
  if (cents > budget.cents) return step.fail("BudgetExceeded", { costCentre, cents, left: budget.cents });
  return { reservationId: `b-${requestId}`, cents };
});
