import { testStep } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { handler as charge } from "../../functions/order/charge.ts";
import type { Line, Order, Parcel } from "../../functions/order/contracts.ts";
import { handler as packLine } from "../../functions/order/pack-line.ts";
import { handler as refund } from "../../functions/order/refund.ts";
import { handler as release } from "../../functions/order/release.ts";
import { handler as reserve } from "../../functions/order/reserve.ts";
import { handler as screen } from "../../functions/order/screen.ts";
import { handler as ship } from "../../functions/order/ship.ts";

const anOrder: Order = {
  orderId: "2026-0001",
  customer: { id: "c-1006", email: "jana.vogel@example.com", billingCountry: "DE" },
  card: "4242424242424242",
  address: { name: "Jana Vogel", street: "Lindenstraße 14", postalCode: "10969", city: "Berlin", country: "DE" },
  lines: [{ sku: "MUG-001", quantity: 1 }],
  totalCents: 1290,
};

describe("reserve", () => {
  const reserved = async (lines: Line[]) => await reserve.run({ ...anOrder, lines }, testStep());

  it("holds all that is in stock of an article", async () => {
    const lines = [{ sku: "POT-003", quantity: 14 }];
    expect(await reserved(lines)).toEqual({ reservationId: "res-2026-0001", held: lines });
  });

  it("counts the lines of one article together", async () => {
    const lines = [
      { sku: "CUT-004", quantity: 10 },
      { sku: "CUT-004", quantity: 18 },
    ];
    expect((await reserved(lines)).held).toEqual([{ sku: "CUT-004", quantity: 28 }]);
  });

  it.each<[string, Line[]]>([
    ["one more than there is", [{ sku: "POT-003", quantity: 15 }]],
    ["an article that the catalogue does not have", [{ sku: "MUG-900", quantity: 1 }]],
    [
      "lines that only together are too many",
      [
        { sku: "CUT-004", quantity: 10 },
        { sku: "CUT-004", quantity: 19 },
      ],
    ],
  ])("ends with OutOfStock for %s", async (_, lines) => {
    await expect(reserved(lines)).rejects.toMatchObject({ code: "OutOfStock" });
  });

  it("names every article that is short, with the stock there is", async () => {
    const lines = [
      { sku: "MUG-001", quantity: 1 },
      { sku: "POT-003", quantity: 15 },
      { sku: "MUG-900", quantity: 2 },
    ];
    await expect(reserved(lines)).rejects.toMatchObject({
      data: {
        missing: [
          { sku: "POT-003", quantity: 15, stock: 14 },
          { sku: "MUG-900", quantity: 2, stock: 0 },
        ],
      },
    });
  });
});

describe("charge", () => {
  it.each([
    ["sixteen digits", "4242424242424242", "4242"],
    ["spaces and hyphens", "4242 4242-4242 4242", "4242"],
    ["fifteen digits", "378282246310005", "0005"],
    ["nineteen digits, the most there are", "6205500000000000004", "0004"],
    ["twelve digits, the fewest there are", "424242424242", "4242"],
  ])("accepts a card of %s", async (_, card, lastFour) => {
    expect(await charge.run({ cents: 100, card }, testStep())).toMatchObject({ cents: 100, lastFour });
  });

  it.each([
    ["a wrong check digit", "4242424242424241", "the card number is not valid"],
    ["eleven digits, though the check digit is right", "42424242420", "the card number is not valid"],
    ["twenty digits, though the check digit is right", "42424242424242424242", "the card number is not valid"],
    ["letters", "4242x42424242424", "the card number is not valid"],
    ["a number that is always declined", "4000000000000002", "the bank declined the card"],
    ["no funds", "4000 0000 0000 9995", "the card has insufficient funds"],
  ])("ends with CardDeclined for %s", async (_, card, reason) => {
    await expect(charge.run({ cents: 100, card }, testStep())).rejects.toMatchObject({
      code: "CardDeclined",
      data: { reason },
    });
  });

  it("charges up to 10,000 euros and not a cent more", async () => {
    const card = anOrder.card;
    expect(await charge.run({ cents: 1_000_000, card }, testStep())).toMatchObject({ cents: 1_000_000 });
    await expect(charge.run({ cents: 1_000_001, card }, testStep())).rejects.toMatchObject({ code: "CardDeclined" });
  });

  it("gives the same charge on a second attempt", async () => {
    const input = { cents: 100, card: anOrder.card };
    expect(await charge.run(input, testStep())).toEqual(await charge.run(input, testStep()));
  });
});

describe("screen", () => {
  const priced = (totalCents: number, lines: Line[]): Partial<Order> => ({ totalCents, lines });

  it.each<[string, Partial<Order>, number]>([
    ["an ordinary order", {}, 0],
    ["a total that is a cent too low", { totalCents: 1289 }, 60],
    ["an article without a price", priced(1290, [...anOrder.lines, { sku: "MUG-900", quantity: 1 }]), 0],
    ["999 euros", priced(99_900, [{ sku: "POT-001", quantity: 10 }]), 0],
    ["1,290 euros", priced(129_000, [{ sku: "TBL-002", quantity: 1 }]), 25],
    ["5,160 euros", priced(516_000, [{ sku: "TBL-002", quantity: 4 }]), 50],
    ["a wrong total, a cent below 1,000 euros", { totalCents: 99_999 }, 60],
    ["a wrong total of 1,000 euros", { totalCents: 100_000 }, 60 + 25],
    ["a wrong total, a cent below 5,000 euros", { totalCents: 499_999 }, 60 + 25],
    ["twenty of one article", priced(25_800, [{ sku: "MUG-001", quantity: 20 }]), 0],
    ["twenty-one of one article", priced(27_090, [{ sku: "MUG-001", quantity: 21 }]), 20],
    ["a bill to another country", { customer: { ...anOrder.customer, billingCountry: "FR" } }, 25],
    ["a throwaway address", { customer: { ...anOrder.customer, email: "x@Mailinator.com" } }, 30],
    [
      "a domain that only ends like a throwaway one",
      { customer: { ...anOrder.customer, email: "x@notmailinator.com" } },
      0,
    ],
    ["a forwarder", { address: { ...anOrder.address, street: "Transatlantic Forwarding, 8 Cargo Road" } }, 30],
    ["a street that only begins like one", { address: { ...anOrder.address, street: "Freightliner Way 3" } }, 0],
  ])("rates %s", async (_, change, score) => {
    expect(await screen.run({ ...anOrder, ...change }, testStep())).toMatchObject({ score });
  });

  it("never goes above 100, and gives a reason for each rule", async () => {
    const customer = { id: "x", email: "x@trashmail.com", billingCountry: "US" };
    const risk = await screen.run({ ...anOrder, customer, totalCents: 100_000 }, testStep());
    expect(risk).toEqual({
      score: 100,
      reasons: [
        "the total is not the sum of the prices",
        "1,000 euros or more",
        "billed in another country",
        "a throwaway email address",
      ],
    });
  });
});

describe("packLine", () => {
  it.each<[string, Line, Partial<Parcel>]>([
    ["a light line in a letter", { sku: "MUG-001", quantity: 1 }, { box: "letter", boxes: 1, grams: 380 }],
    ["two mugs in a small box", { sku: "MUG-001", quantity: 2 }, { box: "small", boxes: 1, grams: 760 }],
    [
      "10,000 g, just what a medium box takes",
      { sku: "PAN-003", quantity: 8 },
      { box: "medium", boxes: 1, grams: 10_000 },
    ],
    ["one piece more in a large box", { sku: "PAN-003", quantity: 9 }, { box: "large", boxes: 1, grams: 11_250 }],
    [
      "31,500 g, just what a large box takes",
      { sku: "GLS-001", quantity: 21 },
      { box: "large", boxes: 1, grams: 31_500 },
    ],
    ["one piece more in a second box", { sku: "GLS-001", quantity: 22 }, { box: "large", boxes: 2, grams: 33_000 }],
    ["whole pieces only, two of 14.5 kg in a box", { sku: "TBL-001", quantity: 5 }, { box: "large", boxes: 3 }],
  ])("packs %s", async (_, line, parcel) => {
    expect(await packLine.run(line, testStep())).toMatchObject({ sku: line.sku, ...parcel });
  });

  it("ends with TooHeavy for a piece that no box takes", async () => {
    await expect(packLine.run({ sku: "TBL-002", quantity: 1 }, testStep())).rejects.toMatchObject({
      code: "TooHeavy",
      data: { sku: "TBL-002", pieceGrams: 62_000 },
    });
  });
});

describe("ship", () => {
  const receipt = { chargeId: "ch-1", cents: 1290, lastFour: "4242" };
  const parcel = (boxes: number, grams: number): Parcel => ({
    parcelId: "p-1",
    sku: "MUG-001",
    box: "small",
    boxes,
    grams,
  });
  const shipped = async (country: string, parcels: Parcel[], step = testStep()) =>
    await ship.run({ to: { ...anOrder.address, country }, parcels, receipt }, step);

  it.each([
    ["DE", "domestic", 399 + 30],
    ["PL", "europe", 899 + 90],
    ["JP", "world", 1999 + 450],
  ])("sends a box to %s (%s) for %i cents", async (country, zone, postageCents) => {
    expect(await shipped(country, [parcel(1, 1000)])).toMatchObject({ zone, postageCents, boxes: 1, grams: 1000 });
  });

  it("charges for each kilogram begun, over all parcels together", async () => {
    expect(await shipped("DE", [parcel(1, 600), parcel(2, 400)])).toMatchObject({ postageCents: 3 * 399 + 30 });
    expect(await shipped("DE", [parcel(1, 600), parcel(2, 401)])).toMatchObject({ postageCents: 3 * 399 + 60 });
  });

  it("gives a tracking number with the check digit of S10", async () => {
    for (let i = 0; i < 200; i++) {
      const { tracking } = await shipped("DE", [parcel(1, 1)], testStep({ execution: `order/${i}` }));
      expect(tracking).toMatch(/^CP[0-9]{9}DE$/);
      const digits = [...tracking.slice(2, 11)];
      const sum = [8, 6, 4, 2, 3, 5, 9, 7].reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
      expect(digits[8]).toBe("50987654321"[sum % 11]);
    }
  });
});

describe("release and refund", () => {
  const key = testStep({ path: "reserve" }).idempotencyKey;
  it("take back what was given", async () => {
    const [a, b] = [testStep({ undoes: "reserve" }), testStep({ undoes: "pay/charge/charge" })];
    await release.run({ reservationId: "res-1", held: [] }, a);
    await refund.run({ chargeId: "ch-1", cents: 1, lastFour: "4242" }, b);
    expect([a.logged, b.logged]).toMatchObject([[{ data: { reservation: "res-1" } }], [{ data: { charge: "ch-1" } }]]);
  });
  it("look for it by the key of the step where it is not known", async () => {
    const steps = [testStep({ undoes: "reserve" }), testStep({ undoes: "reserve" })] as const;
    await release.run(null, steps[0]);
    await refund.run(null, steps[1]);
    expect(steps.map(({ logged }) => logged[0]?.data)).toEqual([{ reservation: key }, { charge: key }]);
  });
});
