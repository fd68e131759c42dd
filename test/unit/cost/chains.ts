import { z } from "zod";
import { ASSUMED, type Assumptions } from "../../../lib/cost/assumptions.ts";
import { type Quote, quote } from "../../../lib/cost/quote.ts";
import { node, workflow } from "../../../lib/index.ts";
import type { NodeOptions } from "../../../lib/model/contracts.ts";
import type { Program } from "../../../lib/model/program.ts";

const Text = z.object({ text: z.string() });

/** So many steps one after the other, all of one node. */
export function chainOf(steps: number, options: NodeOptions = {}): Program {
  const one = node("one", { input: Text, output: Text, ...options });
  const begin = workflow("chain", { input: Text });
  type Chain = typeof begin;
  return Array.from({ length: steps }, (_, i) => one.as(`s${i}`)).reduce(
    (chain, task) => chain.task(task) as unknown as Chain,
    begin,
  ).program;
}

export const quoteOf = ({ graph, slots }: Program, assumed: Partial<Assumptions> = {}): Quote =>
  quote({ graph, slots, assumed: { ...ASSUMED, ...assumed } });
