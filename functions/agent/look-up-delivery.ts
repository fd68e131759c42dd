/** How long a parcel takes to a country, and what it costs there. */
import { implement } from "pawl/node";
import zones from "../order/zones.json" with { type: "json" };
import { lookUpDelivery } from "./contracts.ts";
import { euros } from "./euros.ts";

export const handler = implement(lookUpDelivery, ({ country }) => {
  const zone = [zones.domestic, zones.europe].find(({ countries }) => countries.includes(country)) ?? zones.world;
  const { deliveryDays, centsPerBox, centsPerKilogram } = zone;
  return { text: `${deliveryDays} days, ${euros(centsPerBox)} a box and ${euros(centsPerKilogram)} a kilogram` };
});
