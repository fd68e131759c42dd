import { describe, expect, it } from "vitest";
import { Question } from "../../functions/agent/contracts.ts";
import { samples as questions } from "../../functions/agent/samples.ts";
import { Order } from "../../functions/order/contracts.ts";
import { samples as orderSamples } from "../../functions/order/samples.ts";
import { Request } from "../../functions/purchase/contracts.ts";
import { samples as requests } from "../../functions/purchase/samples.ts";
import { Sample } from "../../functions/sample.ts";
import { IssueWebhook } from "../../functions/ticket/contracts.ts";
import { samples as ticketSamples } from "../../functions/ticket/samples.ts";

describe.each([
  ["order", await orderSamples(), Order],
  ["ticket", await ticketSamples(), IssueWebhook],
  ["agent", await questions(), Question],
  ["purchase", await requests(), Request],
])("the samples of %s", (_, samples, schema) => {
  it("are events as EventBridge delivers them", () => {
    for (const sample of samples) expect(Sample.parse(sample)).toEqual(sample);
  });

  it("fit the contract of their event", () => {
    for (const sample of samples) expect(schema.safeParse(sample.event.detail).error, sample.name).toBeUndefined();
  });

  it("have an event id of their own each", () => {
    expect(new Set(samples.map((sample) => sample.event.id)).size).toBe(samples.length);
  });
});

describe("the samples of order", async () => {
  const samples = await orderSamples();
  const orders = samples.map((sample) => Order.parse(sample.event.detail));

  it("are at least 25 orders, each with an id of its own", () => {
    expect(orders.length).toBeGreaterThanOrEqual(25);
    expect(new Set(orders.map((order) => order.orderId)).size).toBe(orders.length);
  });

  it("have one line and forty, at least three times each", () => {
    expect(orders.filter((order) => order.lines.length === 1).length).toBeGreaterThanOrEqual(3);
    expect(orders.filter((order) => order.lines.length === 40).length).toBeGreaterThanOrEqual(3);
  });

  it("meet every refusal there is", () => {
    const codes = samples.flatMap((sample) => sample.expect.code ?? []);
    expect([...new Set(codes)].sort()).toEqual(["CardDeclined", "OutOfStock", "Rejected", "TooHeavy"]);
  });
});

describe("the samples of ticket", () => {
  it("are the issue webhooks of the npm package, whole", async () => {
    const samples = await ticketSamples();
    expect(samples.length).toBeGreaterThanOrEqual(29);
    expect(samples[0]?.event).toMatchObject({
      source: "github.com",
      "detail-type": "issues",
      detail: { issue: { id: 444500041 } },
    });
  });

  it("have the same ids every time", async () => {
    const ids = (await ticketSamples()).map((sample) => sample.event.id);
    expect((await ticketSamples()).map((sample) => sample.event.id)).toEqual(ids);
  });
});
