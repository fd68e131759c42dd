/** The programs of `test/support/programs.ts` compile; with a mistake in them they do not, and each says why. */
import { node, workflow } from "pawl";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  agent,
  caught,
  fan,
  Order,
  order,
  packLine,
  parent,
  purchase,
  raced,
  refund,
  reserve,
  ship,
} from "../support/programs.ts";

test("what each answers with", () => {
  expectTypeOf(order["~out"]).toEqualTypeOf<{ tracking: string; reviewed: boolean }>();
  expectTypeOf(purchase["~out"]).toEqualTypeOf<{ approved: number }>();
  expectTypeOf(raced["~out"]).toEqualTypeOf<string>();
  expectTypeOf(fan["~out"]).toEqualTypeOf<number>();
  expectTypeOf(agent["~out"]).toEqualTypeOf<string | undefined>();
  expectTypeOf(parent["~out"]).toEqualTypeOf<string>();
  expectTypeOf(caught["~out"]).toEqualTypeOf<string>();
});

test("what is wrong with each does not compile", () => {
  // @ts-expect-error what goes on is a reservation, and packLine wants a line
  workflow("e", { input: Order }).task(reserve).task(packLine);
  workflow("e", { input: Order })
    .task(reserve)
    // @ts-expect-error property 'receipt' is missing
    .task(ship, { input: (s) => ({ to: s.input.address, parcels: [] }) });
  // @ts-expect-error the branch 'b' is missing
  workflow("e", { input: Order }).choice("c", (s) => (s.input.totalCents > 5 ? "a" : "b"), { a: (b) => b });
  workflow("e", { input: Order }).choice("c", (s) => (s.input.totalCents > 5 ? "a" : "b"), {
    a: (b) => b,
    b: (b) => b,
    // @ts-expect-error no value leads to the branch 'typo'
    typo: (b) => b,
  });
  // @ts-expect-error refund takes back a receipt, and reserve gives a reservation
  workflow("e", { input: Order }).task(reserve, { undo: refund });
  // @ts-expect-error a date is no JSON
  node("d", { input: Order, output: z.object({ at: z.date() }) });
  // @ts-expect-error the name 'input' is taken
  workflow("e", { input: Order }).map("input", { over: (s) => s.input.lines, each: (b) => b.task(packLine) });
  workflow("e", { input: Order })
    .task(reserve)
    // @ts-expect-error 'reserve' is taken here
    .task(reserve, { input: () => ({}) });
});
