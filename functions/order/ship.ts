/**
 * Hands the parcels of an order to the carrier: works out zone and postage, and gives them one tracking number in the
 * form of the Universal Postal Union (S10: two letters, eight digits, a check digit, the country).
 */
import { createHash } from "node:crypto";
import { implement } from "pawl/node";
import { ship } from "./contracts.ts";
import zones from "./zones.json" with { type: "json" };

type Zone = "domestic" | "europe" | "world";

export const handler = implement(ship, async (input, step) => {
  const zone = zoneOf(input.to.country);
  const { centsPerBox, centsPerKilogram, deliveryDays } = zones[zone];
  const boxes = input.parcels.reduce((sum, parcel) => sum + parcel.boxes, 0);
  const grams = input.parcels.reduce((sum, parcel) => sum + parcel.grams, 0);
  const postageCents = boxes * centsPerBox + Math.ceil(grams / 1000) * centsPerKilogram;
  const tracking = trackingNumber(step.idempotencyKey);
  step.log("handed to the carrier", { tracking, boxes, grams, receipt: input.receipt.chargeId });
  return { tracking, zone, boxes, grams, postageCents, deliveryDays };
});

function zoneOf(country: string): Zone {
  if (zones.domestic.countries.includes(country)) return "domestic";
  return zones.europe.countries.includes(country) ? "europe" : "world";
}

/** A carrier hands out the digits in turn; here they are drawn from the key, so that a second attempt gets the same. */
function trackingNumber(key: string): string {
  const number = createHash("sha256").update(key).digest().readUInt32BE(0) % 100_000_000;
  const digits = String(number).padStart(8, "0");
  return `CP${digits}${checkDigit(digits)}DE`;
}

/** S10: the digits weighted 8 6 4 2 3 5 9 7; 11 less the remainder by 11, where 10 counts as 0 and 11 as 5. */
function checkDigit(digits: string): number {
  const weights = [8, 6, 4, 2, 3, 5, 9, 7];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
  const check = 11 - (sum % 11);
  if (check === 10) return 0;
  return check === 11 ? 5 : check;
}
