import { expect, it } from "vitest";
import { z } from "zod";
import { schemaProblem } from "../../../lib/contract/schema-problem.ts";

const problemOf = (schema: z.ZodType, value: unknown): string => {
  const { error } = schema.safeParse(value);
  return error ? schemaProblem(error) : "none";
};
const fields = (count: number) =>
  z.object(Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, z.string("is no text")])));

it("a problem is told with its place", () => {
  const schema = z.object({ lines: z.array(z.object({ sku: z.string("is no text") })) });
  expect(problemOf(schema, { lines: [{ sku: "A" }, { sku: 1 }] })).toBe("lines.1.sku: is no text");
});
it("a problem with the whole is told without a place", () => {
  expect(problemOf(z.string("is no text"), 1)).toBe("is no text");
});
it("several problems stand in one line", () => {
  expect(problemOf(fields(2), {})).toBe("f0: is no text; f1: is no text");
});
it("five problems are told, and of more than five how many there are", () => {
  const five = Array.from({ length: 5 }, (_, i) => `f${i}: is no text`).join("; ");
  expect(problemOf(fields(5), {})).toBe(five);
  expect(problemOf(fields(6), {})).toBe(`${five}; and 1 more`);
  expect(problemOf(fields(8), {})).toBe(`${five}; and 3 more`);
});
