import { testStep } from "pawl/testing";
import { describe, expect, it } from "vitest";
import type { Offer } from "../../functions/crm/contracts.ts";
import { handler as draft } from "../../functions/crm/draft.ts";
import { handler as lookUp } from "../../functions/crm/look-up.ts";
import { handler as pickGift } from "../../functions/crm/pick-gift.ts";
import { handler as recordTouch } from "../../functions/crm/record-touch.ts";
import { handler as scoreLoyalty } from "../../functions/crm/score-loyalty.ts";

describe("lookUp", () => {
  it.each([
    ["a customer on file", "c-1003", "AT", { language: "de", orders: 6, spentCents: 42_250, mayContact: true }],
    ["one who wants no messages", "c-1004", "DE", { language: "de", orders: 3, spentCents: 18_970, mayContact: false }],
    ["a guest", "guest-1", "FR", { language: "fr", orders: 0, spentCents: 0, mayContact: true }],
    ["a guest from elsewhere", "guest-1", "VN", { language: "en", orders: 0, spentCents: 0, mayContact: true }],
  ])("finds %s", async (_, customerId, country, profile) => {
    expect(await lookUp.run({ customerId, country }, testStep())).toEqual(profile);
  });
});

describe("scoreLoyalty", () => {
  it.each([
    ["a first order of one cent", 0, 0, 1, { tier: "bronze", points: 50, toNext: 450 }],
    ["full euros only", 0, 0, 199, { tier: "bronze", points: 51, toNext: 449 }],
    ["cents of both sums together", 0, 150, 50, { tier: "bronze", points: 52, toNext: 448 }],
    ["a point short of silver", 0, 0, 44_999, { tier: "bronze", points: 499, toNext: 1 }],
    ["just silver", 0, 0, 45_000, { tier: "silver", points: 500, toNext: 1500 }],
    ["a point short of gold", 9, 100_000, 49_900, { tier: "silver", points: 1999, toNext: 1 }],
    ["just gold", 9, 100_000, 50_000, { tier: "gold", points: 2000, toNext: 0 }],
  ])("counts %s", async (_, orders, spentCents, orderCents, loyalty) => {
    expect(await scoreLoyalty.run({ orders, spentCents, orderCents }, testStep())).toEqual(loyalty);
  });
});

describe("pickGift", () => {
  it.each([
    [2000, "tea towel"],
    [2999, "tea towel"],
    [3000, "stoneware mug"],
    [9999, "stoneware mug"],
    [10_000, "French press"],
  ])("gives for %i points a %s", async (points, title) => {
    expect(await pickGift.run({ tier: "gold", points, toNext: 0 }, testStep())).toEqual({ kind: "gift", title });
  });
});

describe("draft", () => {
  const drafted = async (language: "de" | "en" | "fr", offer: Offer, name = "Zoë Müller") =>
    await draft.run({ language, name, tracking: "CP123456785DE", deliveryDays: 5, offer }, testStep());

  it.each<["de" | "en" | "fr", Offer, string, string]>([
    ["de", { kind: "gift", title: "tea towel" }, "Guten Tag Zoë Müller,", "ein Geschenk bei (tea towel)"],
    ["de", { kind: "voucher", cents: 500 }, "etwa 5 Tagen", "schenken wir Ihnen 5,00 €"],
    ["en", { kind: "voucher", cents: 1050 }, "Hello Zoë Müller,", "€10.50 off"],
    ["en", { kind: "progress", points: 1 }, "about 5 days", "Only 1 points to go"],
    ["fr", { kind: "progress", points: 449 }, "Bonjour Zoë Müller,", "Plus que 449 points"],
  ])("writes in %s with the offer %j", async (language, offer, greeting, sentence) => {
    const message = await drafted(language, offer);
    expect(message.subject).toContain("CP123456785DE");
    expect(message.text).toContain(greeting);
    expect(message.text).toContain(sentence);
    expect(message.text).not.toMatch(/[{}]/);
  });

  it("leaves braces in a name as they are", async () => {
    expect((await drafted("en", { kind: "progress", points: 2 }, "{offer}")).text).toContain("Hello {offer},");
  });
});

describe("recordTouch", () => {
  const touch = { customerId: "c-1003", orderId: "2026-0001", points: 500 };

  it.each([
    ["a message", { subject: "Hello", text: "…" }, { channel: "email", summary: "Hello" }],
    ["silence", null, { channel: "none", summary: "the customer wants no messages" }],
  ])("keeps %s", async (_, message, record) => {
    expect(await recordTouch.run({ ...touch, message }, testStep())).toEqual({ touchId: "touch-2026-0001", ...record });
  });
});
