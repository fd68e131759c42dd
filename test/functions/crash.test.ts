/** The workflows with their own handlers, whatever befalls them. */
import { crashEverywhere, testWorkflow } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { handler as addUp } from "../../functions/agent/add-up.ts";
import { Question } from "../../functions/agent/contracts.ts";
import { handler as lookUpDelivery } from "../../functions/agent/look-up-delivery.ts";
import { samples as questions } from "../../functions/agent/samples.ts";
import { handler as searchCatalogue } from "../../functions/agent/search-catalogue.ts";
import { handler as think } from "../../functions/agent/think.ts";
import { agent } from "../../functions/agent/workflow.ts";
import { handler as draft } from "../../functions/crm/draft.ts";
import { handler as lookUp } from "../../functions/crm/look-up.ts";
import { handler as pickGift } from "../../functions/crm/pick-gift.ts";
import { handler as recordTouch } from "../../functions/crm/record-touch.ts";
import { handler as scoreLoyalty } from "../../functions/crm/score-loyalty.ts";
import { crm } from "../../functions/crm/workflow.ts";
import { handler as charge } from "../../functions/order/charge.ts";
import { Order } from "../../functions/order/contracts.ts";
import { handler as packLine } from "../../functions/order/pack-line.ts";
import { handler as refund } from "../../functions/order/refund.ts";
import { handler as release } from "../../functions/order/release.ts";
import { handler as reserve } from "../../functions/order/reserve.ts";
import { samples as orderSamples } from "../../functions/order/samples.ts";
import { handler as screen } from "../../functions/order/screen.ts";
import { handler as ship } from "../../functions/order/ship.ts";
import { order } from "../../functions/order/workflow.ts";
import { handler as ask } from "../../functions/purchase/ask.ts";
import { handler as askForRevision } from "../../functions/purchase/ask-for-revision.ts";
import { handler as checkPreconditions } from "../../functions/purchase/check-preconditions.ts";
import { Request } from "../../functions/purchase/contracts.ts";
import { handler as place } from "../../functions/purchase/place.ts";
import { handler as releaseBudget } from "../../functions/purchase/release-budget.ts";
import { handler as remind } from "../../functions/purchase/remind.ts";
import { handler as reserveBudget } from "../../functions/purchase/reserve-budget.ts";
import { samples as requests } from "../../functions/purchase/samples.ts";
import { purchase } from "../../functions/purchase/workflow.ts";
import { handler as assign } from "../../functions/ticket/assign.ts";
import { handler as classify } from "../../functions/ticket/classify.ts";
import { IssueWebhook } from "../../functions/ticket/contracts.ts";
import { handler as escalate } from "../../functions/ticket/escalate.ts";
import { handler as notify } from "../../functions/ticket/notify.ts";
import { samples as ticketSamples } from "../../functions/ticket/samples.ts";
import { ticket } from "../../functions/ticket/workflow.ts";
import { DEEP } from "../support/deep.ts";

const orders = await orderSamples();
const orderHandlers = { reserve, release, charge, refund, screen, packLine, ship };
const sampleOf = (status: string) => Order.parse(orders.find(({ expect: e }) => e.status === status)?.event.detail);

describe("whatever single fault befalls it,", () => {
  it("an order is shipped once", async () => {
    const report = await crashEverywhere(order, { handlers: orderHandlers, input: sampleOf("succeeded") });
    expect(report.calls).toBeGreaterThan(30);
    expect(report.runs).toBeGreaterThan(report.calls * 5);
    expect(report.deaths).toBeGreaterThan(report.calls);
  });
  it("an order that a person rejects is undone", async () => {
    const { event, people = [] } = orders.find(({ expect: e }) => e.code === "Rejected") ?? {};
    const options = { handlers: orderHandlers, input: Order.parse(event?.detail), signals: people };
    await crashEverywhere(order, options);
  });
  it("a ticket is triaged once", async () => {
    const [sample] = await ticketSamples();
    const input = IssueWebhook.parse(sample?.event.detail);
    await crashEverywhere(ticket, { handlers: { classify, escalate, assign, notify }, input });
  });
  it("a question is answered in as many turns, though a tool fails", async () => {
    const handlers = { think, searchCatalogue, addUp, lookUpDelivery };
    const sample = (await questions()).find(({ name }) => name.startsWith("a tool that fails"));
    const report = await crashEverywhere(agent, { handlers, input: Question.parse(sample?.event.detail) });
    expect(report.calls).toBeGreaterThan(40);
  });
  it("a request that is rejected gives the budget back once", async () => {
    const handlers = { reserveBudget, releaseBudget, checkPreconditions, ask, remind, askForRevision, place };
    const sample = (await requests()).find(
      ({ name }) => name === (DEEP ? "sent back, then rejected by finance" : "finance rejects"),
    );
    const signals = (sample?.people ?? []).map((told, i) => ({ ...told, after: `${i + 1} hours` as const }));
    const report = await crashEverywhere(purchase, { handlers, input: Request.parse(sample?.event.detail), signals });
    expect(report.calls).toBeGreaterThan(50);
  });
  it("a customer is touched once", async () => {
    const shipped = await testWorkflow(order, { handlers: orderHandlers });
    const { emitted } = await shipped.start(sampleOf("succeeded"));
    const input = emitted[0]?.data as never; // an OrderShipped, as the workflow's trigger takes it
    await crashEverywhere(crm, { handlers: { lookUp, scoreLoyalty, pickGift, draft, recordTouch }, input });
  });
});
