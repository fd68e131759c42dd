/**
 * Charges a card, as a payment gateway's test mode does: the number must be well formed (ISO/IEC 7812: 12 to 19 digits,
 * the last one a check digit), the amount within the limit, and some numbers are always declined. The same idempotency
 * key gives the same charge.
 */
import { createHash } from "node:crypto";
import { implement } from "pawl/node";
import { charge } from "./contracts.ts";
import declined from "./declined-cards.json" with { type: "json" };

const limitCents = 1_000_000;

export const handler = implement(charge, async (input, step) => {
  const card = input.card.replaceAll(/[ -]/g, "");
  const reason = refusal(card, input.cents);
  if (reason !== undefined) step.fail("CardDeclined", { reason });

  const chargeId = `ch-${createHash("sha256").update(step.idempotencyKey).digest("hex").slice(0, 16)}`;
  step.log("charged", { chargeId, cents: input.cents });
  return { chargeId, cents: input.cents, lastFour: card.slice(-4) };
});

function refusal(card: string, cents: number): string | undefined {
  if (!/^[0-9]{12,19}$/.test(card) || !hasCheckDigit(card)) return "the card number is not valid";
  if (cents > limitCents) return "the amount is above the card's limit";
  return declined.find((entry) => entry.card === card)?.reason;
}

/** Luhn: from the right, every second digit counts double (18 as 1 + 8); the sum ends in 0. */
function hasCheckDigit(card: string): boolean {
  const sum = [...card]
    .reverse()
    .map((digit, i) => Number(digit) * (i % 2 === 0 ? 1 : 2))
    .reduce((total, n) => total + (n > 9 ? n - 9 : n), 0);
  return sum % 10 === 0;
}
