/** What the nodes of `order` take and give, and the events at its two ends. Money is in euro cents, weight in grams. */
import { event, node, signal } from "pawl";
import { z } from "zod";

export const Line = z.object({
  sku: z.string().regex(/^[A-Z]{3}-[0-9]{3}$/),
  quantity: z.int().min(1).max(999),
});
export type Line = z.infer<typeof Line>;

export const Address = z.object({
  name: z.string().min(1),
  street: z.string().min(1),
  postalCode: z.string(),
  city: z.string().min(1),
  /** ISO 3166-1, two letters. */
  country: z.string().regex(/^[A-Z]{2}$/),
});
export type Address = z.infer<typeof Address>;

export const Order = z.object({
  orderId: z.string().regex(/^[0-9]{4}-[0-9]{4}$/),
  customer: z.object({ id: z.string(), email: z.email(), billingCountry: z.string().regex(/^[A-Z]{2}$/) }),
  card: z.string().meta({ secret: true }),
  address: Address,
  lines: z.array(Line).min(1).max(100),
  totalCents: z.int().min(1),
});
export type Order = z.infer<typeof Order>;

export const Reservation = z.object({ reservationId: z.string(), held: z.array(Line) });

export const Charge = z.object({ cents: z.int().min(1), card: z.string().meta({ secret: true }) });
export const Receipt = z.object({ chargeId: z.string(), cents: z.int(), lastFour: z.string() });

/** 0 is harmless, 100 is certain fraud. */
export const Risk = z.object({ score: z.int().min(0).max(100), reasons: z.array(z.string()) });

/** One line of an order, packed: `boxes` boxes of one kind. */
export const Parcel = z.object({
  parcelId: z.string(),
  sku: z.string(),
  box: z.string(),
  boxes: z.int().min(1),
  grams: z.int().min(1),
});
export type Parcel = z.infer<typeof Parcel>;

export const Shipping = z.object({ to: Address, parcels: z.array(Parcel).min(1), receipt: Receipt });
export const Shipment = z.object({
  tracking: z.string(),
  zone: z.enum(["domestic", "europe", "world"]),
  boxes: z.int(),
  grams: z.int(),
  postageCents: z.int(),
  deliveryDays: z.int(),
});

export const Shipped = z.object({
  orderId: z.string(),
  customerId: z.string(),
  name: z.string(),
  country: z.string(),
  totalCents: z.int(),
  tracking: z.string(),
  deliveryDays: z.int(),
});
export type Shipped = z.infer<typeof Shipped>;

export const reserve = node("reserve", { input: Order, output: Reservation, errors: ["OutOfStock"] });
/** Gives back what is held. Null: it is not known what was, if anything. */
export const release = node("release", { input: Reservation.nullable() });
export const charge = node("charge", {
  input: Charge,
  output: Receipt,
  errors: ["CardDeclined"],
  timeout: "30 seconds",
  retry: { maxAttempts: 5 },
});
/** Pays back a charge. Null: it is not known whether the card was charged. */
export const refund = node("refund", { input: Receipt.nullable() });
export const screen = node("screen", { input: Order, output: Risk, repeatable: true, inline: true });
export const packLine = node("packLine", { input: Line, output: Parcel, errors: ["TooHeavy"] });
export const ship = node("ship", { input: Shipping, output: Shipment });

/** What a person makes of an order that looks like fraud. */
export const decision = signal("decision", { data: z.object({ approved: z.boolean(), by: z.string().min(1) }) });

export const orderPlaced = event("shop.orders", "OrderPlaced", { version: 1, data: Order });
export const orderShipped = event("shop.orders", "OrderShipped", { version: 1, data: Shipped });
