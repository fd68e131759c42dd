/** What a department wants to see before a person looks at a request. Ends with PreconditionsUnmet, naming all that is missing. */
import { implement } from "pawl/node";
import { checkPreconditions, type Department, type Request } from "./contracts.ts";
import suppliers from "./suppliers.json" with { type: "json" };

interface Precondition {
  readonly what: string;
  readonly isMet: (request: Request) => boolean;
}

const PRECONDITIONS: Readonly<Record<Department, readonly Precondition[]>> = {
  finance: [
    { what: "a justification of 20 characters", isMet: (r) => r.justification.trim().length >= 20 },
    { what: "three offers from 1,000 euros on", isMet: (r) => r.cents < 100_000 || r.offers >= 3 },
  ],
  legal: [
    { what: "a draft of the contract", isMet: (r) => Boolean(r.contract) },
    { what: "an agreement on personal data", isMet: (r) => !r.sharesPersonalData || Boolean(r.dataAgreement) },
  ],
  administration: [
    { what: "a supplier that is known", isMet: (r) => suppliers.includes(r.supplier) },
    { what: "a place to deliver to", isMet: (r) => Boolean(r.deliverTo) },
  ],
};

export const handler = implement(checkPreconditions, ({ department, request }, step) => {
  const missing = PRECONDITIONS[department].filter(({ isMet }) => !isMet(request)).map(({ what }) => what);
  if (missing.length > 0) step.fail("PreconditionsUnmet", { department, missing });
  return null;
});
