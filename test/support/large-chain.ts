/** A chain of five nodes, each of which gives 20 MB that hardly shrink, and no two of them the same. */
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { implement } from "../../lib/node/index.ts";
import { noise } from "./noise.ts";

export const LARGE_BYTES = 20_000_000;
const Large = z.object({ by: z.array(z.string()), text: z.string() });
const names = ["one", "two", "three", "four", "five"] as const;
const [one, two, three, four, five] = [
  node("one", { input: Large, output: Large }),
  node("two", { input: Large, output: Large }),
  node("three", { input: Large, output: Large }),
  node("four", { input: Large, output: Large }),
  node("five", { input: Large, output: Large }),
];

export const largeChain = workflow("large", { input: Large }).task(one).task(two).task(three).task(four).task(five);

type LargeValue = z.infer<typeof Large>;
const turned = (by: string) => (input: LargeValue) => ({
  by: [...input.by, by],
  text: input.text.slice(1) + input.text.slice(0, 1),
});
export const largeHandlers = {
  one: implement(one, turned("one")),
  two: implement(two, turned("two")),
  three: implement(three, turned("three")),
  four: implement(four, turned("four")),
  five: implement(five, turned("five")),
};

export const largeInput = (): LargeValue => ({ by: [], text: noise(LARGE_BYTES) });
/** Undefined, or what is wrong: a runner that prints two such texts beside each other takes minutes. */
export function largeProblem(input: LargeValue, output: unknown): string | undefined {
  const { by, text } = output as LargeValue;
  if (by.join() !== names.join()) return `it came by ${by.join()}`;
  return text === input.text.slice(5) + input.text.slice(0, 5) ? undefined : "the text is another one";
}
