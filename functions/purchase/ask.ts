/** Asks a department for its verdict: whoever reads the mail answers at the address in it, once. A real one sends it. */
import { implement } from "pawl/node";
import approvers from "./approvers.json" with { type: "json" };
import { administrationVerdict, ask, financeVerdict, legalVerdict } from "./contracts.ts";

const VERDICTS = { finance: financeVerdict, legal: legalVerdict, administration: administrationVerdict };

export const handler = implement(ask, async ({ department, request }, step) => {
  const who = approvers[department];
  const { url } = await step.callback(VERDICTS[department], {
    for: who,
    answers: { Approve: { kind: "approve" }, Reject: { kind: "reject" }, "Send back": { kind: "sendBack" } },
    expires: "30 days",
  });
  step.log(`asked ${who}`, { request: request.requestId });
  return { who, url };
});
