/** What the nodes of `crm` take and give. Money is in euro cents. */
import { node } from "pawl";
import { z } from "zod";

export const Language = z.enum(["de", "en", "fr"]);
export type Language = z.infer<typeof Language>;

export const Profile = z.object({
  language: Language,
  /** Before this order. */
  orders: z.int().min(0),
  spentCents: z.int().min(0),
  mayContact: z.boolean(),
});

/** `toNext`: the points that the next tier is away; 0 for gold. */
const standing = { points: z.int(), toNext: z.int().min(0) };
const Gold = z.object({ tier: z.literal("gold"), ...standing });
export const Loyalty = z.discriminatedUnion("tier", [
  Gold,
  z.object({ tier: z.literal("silver"), ...standing }),
  z.object({ tier: z.literal("bronze"), ...standing }),
]);
export type Loyalty = z.infer<typeof Loyalty>;

export const Offer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("gift"), title: z.string() }),
  z.object({ kind: z.literal("voucher"), cents: z.int() }),
  z.object({ kind: z.literal("progress"), points: z.int() }),
]);
export type Offer = z.infer<typeof Offer>;

export const Message = z.object({ subject: z.string(), text: z.string() });

export const lookUp = node("lookUp", {
  input: z.object({ customerId: z.string(), country: z.string() }),
  output: Profile,
  repeatable: true,
});
export const scoreLoyalty = node("scoreLoyalty", {
  input: z.object({ orders: z.int(), spentCents: z.int(), orderCents: z.int() }),
  output: Loyalty,
  repeatable: true,
  inline: true,
});
export const pickGift = node("pickGift", {
  input: Gold,
  output: z.object({ kind: z.literal("gift"), title: z.string() }),
  repeatable: true,
});
export const draft = node("draft", {
  input: z.object({
    language: Language,
    name: z.string(),
    tracking: z.string(),
    deliveryDays: z.int(),
    offer: Offer,
  }),
  output: Message,
  repeatable: true,
});
export const recordTouch = node("recordTouch", {
  input: z.object({
    customerId: z.string(),
    orderId: z.string(),
    points: z.int(),
    /** The message that went out; null: the customer wants none. */
    message: Message.nullable(),
  }),
  output: z.object({ touchId: z.string(), channel: z.enum(["email", "none"]), summary: z.string() }),
});
