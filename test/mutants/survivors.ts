/** Changes to kernel and contract that no unit test notices, and why none needs to. `npm run test:stryker` checks the list. */
import type { Survivor } from "./survivor.ts";

export const explained: readonly (Survivor & { readonly why: string })[] = [
  {
    file: "lib/contract/ids.ts",
    line: "if (slash < 0 || !NAME.test(workflow))",
    change: "slash < 0 → slash <= 0",
    why: "With the slash in front the workflow's name is empty, which is no name.",
  },
  {
    file: "lib/kernel/redrive.ts",
    line: "const inputs = from !== undefined && input !== undefined && { inputs: { [from]: input } };",
    change: "from !== undefined → true",
    why: "An input for no step is refused above: the compiler alone needs to be told.",
  },
  {
    file: "lib/kernel/redrive.ts",
    line: "for (const effect of record?.next ?? []) todo.push(...keysOf(effect));",
    change: '[] → ["Stryker was here"]',
    why: "What has no kind is no effect, so that nothing follows from it.",
  },
  {
    file: "lib/kernel/generation.ts",
    line: 'return cut < 0 ? { base: key, rest: "" } : { base: key.slice(0, cut), rest: key.slice(cut) };',
    change: "cut < 0 → cut <= 0",
    why: "Only a key that begins with `join/` is cut, so never at 0.",
  },
  {
    file: "lib/kernel/generation.ts",
    line: "for (const key of edit.void) this.#voids.set(key, [...(this.#voids.get(key) ?? []), i + 1]);",
    change: '[] → ["Stryker was here"]',
    why: "Of a key's epochs the last one is the place, and those before it count only as numbers.",
  },
  {
    file: "lib/kernel/frontier.ts",
    line: "const todo: Effect[] = [...(start?.next ?? [])].reverse();",
    change: '[] → ["Stryker was here"]',
    why: "What has no kind is no effect, and is passed over.",
  },
  {
    file: "lib/kernel/frontier.ts",
    line: "if (settled) todo.push(...[...(record.next ?? [])].reverse());",
    change: '[] → ["Stryker was here"]',
    why: "A settled record has a decision; and what has no kind is no effect.",
  },
];
