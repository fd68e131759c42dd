/** What the nodes of `purchase` take and give, what people tell it, and the event that starts it. Money is in euro cents. */
import { event, node, signal } from "pawl";
import { z } from "zod";

export const Department = z.enum(["finance", "legal", "administration"]);
export type Department = z.infer<typeof Department>;

/** What a person may change in a request that was sent back. Not the sum: that is another request. */
export const Revision = z.object({
  justification: z.exactOptional(z.string().max(2000)),
  /** How many suppliers were asked for their price. */
  offers: z.exactOptional(z.int().min(0)),
  /** Where the draft of the contract lies. */
  contract: z.exactOptional(z.string()),
  /** Where the agreement on the processing of personal data lies. */
  dataAgreement: z.exactOptional(z.string()),
  deliverTo: z.exactOptional(z.string()),
});

export const Request = Revision.required({ justification: true, offers: true }).extend({
  requestId: z.string().regex(/^pr-[0-9]{4}$/),
  requester: z.email(),
  costCentre: z.string(),
  supplier: z.string(),
  cents: z.int().min(1),
  /** The supplier gets data of persons. */
  sharesPersonalData: z.boolean(),
  /** How long a department may be silent before it is reminded: two days, four hours, or a second for whoever tries it out. */
  pace: z.enum(["ordinary", "urgent", "drill"]),
});
export type Request = z.infer<typeof Request>;

export const Reservation = z.object({ reservationId: z.string(), cents: z.int() });

/** What a department makes of a request; `note` is for the requester. */
export const Verdict = z.object({
  kind: z.enum(["approve", "reject", "sendBack"]),
  note: z.exactOptional(z.string().max(1000)),
});

// One signal for each: an answer that comes late is never taken for another department's.
export const financeVerdict = signal("financeVerdict", { data: Verdict });
export const legalVerdict = signal("legalVerdict", { data: Verdict });
export const administrationVerdict = signal("administrationVerdict", { data: Verdict });
export const revision = signal("revision", { data: Revision });

const Review = z.object({ department: Department, request: Request });
/** Somebody was asked, and answers at this address: who has it may. */
const Asked = z.object({ who: z.string(), url: z.string().meta({ secret: true }) });

export const reserveBudget = node("reserveBudget", {
  input: Request,
  output: Reservation,
  errors: ["UnknownCostCentre", "BudgetExceeded"],
});
/** Gives the budget back. Null: it is not known whether any was reserved. */
export const releaseBudget = node("releaseBudget", { input: Reservation.nullable() });
export const checkPreconditions = node("checkPreconditions", {
  input: Review,
  errors: ["PreconditionsUnmet"],
  repeatable: true,
});
export const ask = node("ask", {
  input: Review,
  output: Asked,
  callbacks: [financeVerdict, legalVerdict, administrationVerdict],
});
export const remind = node("remind", { input: Asked.extend({ department: Department, reminders: z.int() }) });
export const askForRevision = node("askForRevision", {
  input: Review.extend({ note: z.string() }),
  output: Asked,
  callbacks: [revision],
});
export const place = node("place", { input: Request, output: z.object({ orderNumber: z.string() }) });

export const purchaseRequested = event("company.purchasing", "PurchaseRequested", { version: 1, data: Request });
