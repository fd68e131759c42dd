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
  {
    file: "lib/kernel/address.ts",
    line: 'const name = baseName(segments[i] ?? "");',
    change: '"" → "Stryker was here!"',
    why: "i is always within the path: the compiler alone needs to be told.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'const branch = segments[i + 1] ?? "";',
    change: '"" → "Stryker was here!"',
    why: "The number of segments is odd and this is not the last: the compiler alone needs to be told.",
  },
  {
    file: "lib/kernel/address.ts",
    line: "if (segments.length % 2 === 0) return undefined;",
    change: "segments.length % 2 === 0 → false",
    why: "A path that ends in a branch goes on to a state without a name, which no scope has.",
  },
  {
    file: "lib/kernel/address.ts",
    line: "if (segments.length % 2 === 0) return undefined;",
    change: "segments.length % 2 → segments.length * 2",
    why: "As above.",
  },
  {
    file: "lib/kernel/address.ts",
    line: "return hop < 0 ? segment : segment.slice(0, hop);",
    change: "hop < 0 → hop <= 0",
    why: "No state's name is empty or begins with ~.",
  },
  {
    file: "lib/kernel/address.ts",
    line: "if (known === undefined) {",
    change: "known === undefined → true",
    why: "What is remembered only saves time.",
  },
  {
    file: "lib/kernel/address.ts",
    line: "cyclic.set(scope, known);",
    change: "cyclic.set(scope, known); → ;",
    why: "What is remembered only saves time.",
  },
  {
    file: "lib/kernel/address.ts",
    line: "if (!done.has(root)) push(root);",
    change: "!done.has(root) → true",
    why: "Looking at a root again only costs time: what it leads to is done.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change: '[] → ["Stryker was here"]',
    why: "What is taken for a name of a state and is none leads nowhere, so it can close no circle.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change: '!state || state.kind === "fail" || state.kind === "succeed" → false',
    why: "A state that ends has neither catches nor branches nor a next one: read as any other it leads nowhere just the same.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change: '!state || state.kind === "fail" → false',
    why: "A state that ends has neither catches nor branches nor a next one: read as any other it leads nowhere just the same.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change:
      '!state || state.kind === "fail" || state.kind === "succeed" → (!state || state.kind === "fail") && state.kind === "succeed"',
    why: "A state that ends has neither catches nor branches nor a next one: read as any other it leads nowhere just the same.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change: '!state || state.kind === "fail" → !state && state.kind === "fail"',
    why: "A state that ends has neither catches nor branches nor a next one: read as any other it leads nowhere just the same.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change: 'state.kind === "fail" → false',
    why: "A state that ends has neither catches nor branches nor a next one: read as any other it leads nowhere just the same.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change: 'state.kind === "succeed" → false',
    why: "A state that ends has neither catches nor branches nor a next one: read as any other it leads nowhere just the same.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change: '"fail" → ""',
    why: "A state that ends has neither catches nor branches nor a next one: read as any other it leads nowhere just the same.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'if (!state || state.kind === "fail" || state.kind === "succeed") return [];',
    change: '"succeed" → ""',
    why: "A state that ends has neither catches nor branches nor a next one: read as any other it leads nowhere just the same.",
  },
  {
    file: "lib/kernel/address.ts",
    line: 'const targets = branches.flatMap((b) => ("to" in b ? [b.to] : []));',
    change: '[] → ["Stryker was here"]',
    why: "What is taken for a name of a state and is none leads nowhere, so it can close no circle.",
  },
  {
    file: "lib/kernel/address.ts",
    line: "return state.next === null ? targets : [state.next, ...targets];",
    change: "state.next === null → false",
    why: "What is taken for a name of a state and is none leads nowhere, so it can close no circle.",
  },
];
