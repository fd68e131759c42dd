/** Writes the message to the customer, in their language, with the offer of their tier. */
import { implement } from "pawl/node";
import { draft, type Language, type Offer } from "./contracts.ts";
import texts from "./texts.json" with { type: "json" };

const decimals: Record<Language, string> = { de: ",", en: ".", fr: "," };

export const handler = implement(draft, async (input) => {
  const text = texts[input.language];
  const body = [text.greeting, text.shipped, text[input.offer.kind], text.closing].join("\n");
  const values = {
    name: input.name,
    tracking: input.tracking,
    days: String(input.deliveryDays),
    offer: offered(input.offer, input.language),
  };
  return { subject: fill(text.subject, values), text: fill(body, values) };
});

function offered(offer: Offer, language: Language): string {
  switch (offer.kind) {
    case "gift":
      return offer.title;
    case "voucher":
      return (offer.cents / 100).toFixed(2).replace(".", decimals[language]);
    case "progress":
      return String(offer.points);
  }
}

/** One pass, so that a value with braces in it stays as it is. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}
