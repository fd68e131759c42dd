/** Workflows with their own handlers, in memory: every sample ends as it says, and every branch is taken. */
import { testWorkflow } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { handler as draft } from "../../functions/crm/draft.ts";
import { handler as lookUp } from "../../functions/crm/look-up.ts";
import { handler as pickGift } from "../../functions/crm/pick-gift.ts";
import { handler as recordTouch } from "../../functions/crm/record-touch.ts";
import { handler as scoreLoyalty } from "../../functions/crm/score-loyalty.ts";
import { crm } from "../../functions/crm/workflow.ts";
import { handler as charge } from "../../functions/order/charge.ts";
import { Order, Shipped } from "../../functions/order/contracts.ts";
import { handler as packLine } from "../../functions/order/pack-line.ts";
import { handler as refund } from "../../functions/order/refund.ts";
import { handler as release } from "../../functions/order/release.ts";
import { handler as reserve } from "../../functions/order/reserve.ts";
import { samples as orderSamples } from "../../functions/order/samples.ts";
import { handler as screen } from "../../functions/order/screen.ts";
import { handler as ship } from "../../functions/order/ship.ts";
import { order } from "../../functions/order/workflow.ts";
import { handler as assign } from "../../functions/ticket/assign.ts";
import { handler as classify } from "../../functions/ticket/classify.ts";
import { IssueWebhook } from "../../functions/ticket/contracts.ts";
import { handler as escalate } from "../../functions/ticket/escalate.ts";
import { handler as notify } from "../../functions/ticket/notify.ts";
import { samples as ticketSamples } from "../../functions/ticket/samples.ts";
import { ticket } from "../../functions/ticket/workflow.ts";
import { runSample } from "./people.ts";

const orders = await testWorkflow(order, { handlers: { reserve, release, charge, refund, screen, packLine, ship } });
const touches = await testWorkflow(crm, { handlers: { lookUp, scoreLoyalty, pickGift, draft, recordTouch } });
const tickets = await testWorkflow(ticket, { handlers: { classify, escalate, assign, notify } });

/** What an order that ends so gives back, the latest first: what was done, but not what failed on purpose. */
const UNDONE: Readonly<Record<string, readonly string[]>> = {
  "": [],
  OutOfStock: [],
  CardDeclined: ["reserve"],
  Rejected: ["pay/charge/charge", "reserve"],
  TooHeavy: ["pay/charge/charge", "reserve"],
};

describe("order", async () => {
  for (const sample of await orderSamples()) {
    it(`ends as expected: ${sample.name}`, async () => {
      const execution = await runSample(orders, Order.parse(sample.event.detail), sample);
      expect({ status: execution.status, code: execution.error?.code }).toEqual({ code: undefined, ...sample.expect });
      expect(execution.emitted.map((event) => event.type)).toEqual(
        sample.expect.status === "succeeded" ? ["OrderShipped"] : [],
      );
      expect(execution.undone).toEqual(UNDONE[sample.expect.code ?? ""]);
    });
  }

  it("is given up, and undone, when nobody decides within two days", async () => {
    const sample = (await orderSamples()).find(({ expect: e }) => e.code === "Rejected");
    const begun = await orders.begin(Order.parse(sample?.event.detail));
    await orders.advance("172799 seconds");
    expect((await orders.show(begun)).status).toBe("running");
    const ended = await orders.end(begun);
    expect(ended).toMatchObject({ error: { code: "timeout", path: "risk/review/decision" } });
    expect(ended.undone).toEqual(["pay/charge/charge", "reserve"]);
  });
});

describe("crm", () => {
  const shipped: Shipped = {
    orderId: "2026-0001",
    customerId: "guest-1",
    name: "Zoë Müller",
    country: "DE",
    totalCents: 1290,
    tracking: "CP123456785DE",
    deliveryDays: 2,
  };

  it.each([
    ["a gold customer a gift", "c-1001", "gold", "pickGift"],
    ["a silver customer a voucher", "c-1003", "silver", "voucher"],
    ["a guest their points", "guest-1", "bronze", "progress"],
    ["nothing to one who wants no messages", "c-1004", "bronze", "recordSilence"],
  ])("gives %s", async (_, customerId, tier, visited) => {
    const execution = await touches.start({ ...shipped, customerId });
    expect(execution).toMatchObject({ status: "succeeded", output: { touchId: "touch-2026-0001", tier } });
    expect(execution.steps.map((step) => step.path.split("/").at(-1))).toContain(visited);
  });

  it("takes what order emits", async () => {
    const [sample] = await orderSamples();
    const { emitted } = await orders.start(Order.parse(sample?.event.detail));
    const execution = await touches.start(Shipped.parse(emitted[0]?.data));
    expect(execution.status).toBe("succeeded");
  });
});

describe("ticket", async () => {
  const samples = await ticketSamples();

  for (const sample of samples) {
    it(`ends as expected: ${sample.name}`, async () => {
      const execution = await tickets.start(IssueWebhook.parse(sample.event.detail));
      expect(execution.status).toBe(sample.expect.status);
    });
  }

  const anIssue = IssueWebhook.parse(samples[0]?.event.detail);
  const issue = { ...anIssue.issue, title: "Totals", body: null, milestone: null, assignees: [] };

  it.each([
    ["urgent", { title: "Crash on start", labels: [{ name: "bug" }] }, "incident", "linus", "2019-05-15T19:20:18.000Z"],
    ["normal", { labels: [{ name: "bug" }] }, "sprint", "bjarne", "2019-05-20T15:20:18.000Z"],
    ["low", { labels: [] }, "backlog", "bjarne", "2019-06-14T15:20:18.000Z"],
  ])("plans by priority: %s", async (priority, change, queue, assignee, dueAt) => {
    const execution = await tickets.start({ ...anIssue, action: "opened", issue: { ...issue, ...change } });
    expect(execution.output).toEqual({ triaged: true, priority, queue, assignee, dueAt });
  });

  it.each([
    ["an action that changes nothing", "locked", "open"],
    ["a closed issue", "edited", "closed"],
    ["an action that GitHub adds tomorrow", "typed", "open"],
  ] as const)("skips %s", async (_, action, state) => {
    const execution = await tickets.start({ ...anIssue, action, issue: { ...issue, state } });
    expect(execution).toMatchObject({
      status: "succeeded",
      output: { triaged: false, reason: `${action}: ${state} issue` },
    });
  });
});
