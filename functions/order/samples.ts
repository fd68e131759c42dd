/** Orders of our own making: small and large, near and far, some that a node must refuse. */
import { z } from "zod";
import { Sample } from "../sample.ts";
import orders from "./samples/orders.json" with { type: "json" };

export async function samples(): Promise<Sample[]> {
  return z.array(Sample).parse(orders);
}
