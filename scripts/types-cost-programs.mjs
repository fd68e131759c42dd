// @ts-check
// Programs of any length for types-cost.mjs. Each node has schemas of its own: shared ones would be inferred once only.

const head = `import { contract, event, node, signal, workflow } from "pawl";
import { z } from "zod";
const Order = z.object({ orderId: z.string(), cents: z.number(), skus: z.array(z.string()) });
`;
const begin = `export const built = workflow("built", { input: Order })\n`;
/** @param {number} n @param {(i: number) => string} of */
const times = (n, of) => Array.from({ length: n }, (_, i) => of(i)).join("");
/** @param {number} i */
const declared = (i) => `const n${i} = node("n${i}", {
  input: z.object({ orderId: z.string(), amount${i}: z.number() }),
  output: z.object({ id${i}: z.string(), cents${i}: z.number(), lines: z.array(z.object({ sku: z.string(), quantity: z.number() })) }),
  errors: ["Declined${i}"],
});
`;
/** @param {number} i @param {string} amount */
const step = (i, amount) => `  .task(n${i}, { input: (s) => ({ orderId: s.input.orderId, amount${i}: ${amount} }) })\n`;
/** @param {number} i */
const inChain = (i) => step(i, i === 0 ? "s.input.cents" : `s.n${i - 1}.cents${i - 1}`);

/** @param {number} n */
export const chain = (n) => `${head}${times(n, declared)}${begin}${times(n, inChain)};\n`;

/** @param {number} n */
export function blocks(n) {
  const per = 20;
  /** @param {number} b @param {number} j */
  const amount = (b, j) => {
    const before = b * per + j - 1;
    if (j > 0) return `s.n${before}.cents${before}`;
    return b > 0 ? `s.b${b - 1}.cents${before}` : "s.input.cents";
  };
  const inBlocks = times(n / per, (b) => {
    const inside = times(per, (j) => step(b * per + j, amount(b, j)));
    return `.block("b${b}", (b) => b\n${inside})\n`;
  });
  return `${head}${times(n, declared)}${begin}${inBlocks};\n`;
}

const some = `const one = node("one", { input: Order, output: Order, errors: ["Declined", "Late"] });
const pack = node("pack", { input: z.string(), output: Order });
const undone = node("undone", { input: Order.nullable() });
const sent = event("shop", "Sent", { version: 1, data: Order });
const Way = z.discriminatedUnion("by", [z.object({ by: z.literal("air") }), z.object({ by: z.literal("sea"), port: z.string() })]);
const way = node("way", { input: Order, output: Way });
`;
const taken = "b.task(one, { input: (s) => s.input })";
const packed = "b.task(pack, { input: (s) => s.input.orderId })";
/** @type {Record<string, [state: (i: number) => string, declaration?: (i: number) => string]>} */
const kinds = {
  "task with undo": [(i) => `.task(one.as("x${i}"), { input: (s) => s.input, undo: undone })`],
  set: [(i) => `.set("x${i}", (s) => ({ id: s.input.orderId, n: ${i === 0 ? "0" : `s.x${i - 1}.n + 1`} }))`],
  wait: [(i) => `.wait("x${i}", { until: (s) => s.input.orderId })`],
  waitFor: [(i) => `.waitFor(g${i})`, (i) => `const g${i} = signal("x${i}", { data: Order });\n`],
  call: [
    (i) => `.call(c${i}, { input: (s) => s.input })`,
    (i) => `const c${i} = contract("x${i}", { input: Order, output: Order, errors: ["E${i}"] });\n`,
  ],
  emit: [() => ".emit(sent, (s) => s.input)"],
  "block with a step": [(i) => `.block("x${i}", (b) => ${taken})`],
  "block with a step and a catch": [
    (i) => `.block("x${i}", (b) => ${taken}, { catch: { Declined: (b) => b.set("why", (s) => s.error.code) } })`,
  ],
  "choice of two steps": [
    (i) => `.choice("x${i}", (s) => (s.input.cents > ${i} ? "a" : "b"), { a: (b) => ${taken}, b: (b) => ${packed} })`,
  ],
  "match of a step and a fail": [
    (i) => `.match("x${i}", "by", (s) => s.way, { air: (b) => ${taken}, sea: (b) => b.fail("Sea", (s) => s.way.by) })`,
  ],
  "parallel of two steps": [(i) => `.parallel("x${i}", { a: (b) => ${taken}, b: (b) => ${packed} })`],
  "race of two steps": [(i) => `.race("x${i}", { a: (b) => ${taken}, b: (b) => ${packed} })`],
  "map with a step": [(i) => `.map("x${i}", { over: (s) => s.input.skus, each: (b) => b.task(pack) })`],
  "loop with a step": [
    (i) =>
      `.loop("x${i}", { from: (s) => s.input, each: (b) => b.task(one), until: (order) => order.cents > ${i}, max: 3 })`,
  ],
};

/** A chain of states of each kind. */
export const states = Object.fromEntries(
  Object.entries(kinds).map(([kind, [state, declaration = () => ""]]) => [
    kind,
    /** @param {number} n */
    (n) => `${head}${some}${times(n, declaration)}${begin}.task(way)\n${times(n, (i) => `${state(i)}\n`)};\n`,
  ]),
);

/** A chain that someone is typing the last step of, and the names that an editor should offer there. @param {number} n */
export function unfinished(n) {
  const written = `${head}${times(n, declared)}${begin}${times(n - 1, inChain)}.task(n${n - 1}, { input: (s) => ({ orderId: s.`;
  const names = ["input", ...Array.from({ length: n - 1 }, (_, i) => `n${i}`)];
  return { text: `${written} }) });\n`, at: written.length, names };
}
