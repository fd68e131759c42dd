import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STEP_CODES } from "../../lib/errors.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/errors.md"), "utf8");
const documented = [...page.matchAll(/^### `(\w+)`$/gm)].map((m) => m[1] as string);
const source = readFileSync(join(root, "lib/errors.ts"), "utf8");
const union = source.slice(source.indexOf("export type ErrorCode"), source.indexOf(";"));
const declared = [...union.matchAll(/"(\w+)"/g)].map((m) => m[1] as string);

test("every error code has a section in docs/errors.md, and every section a code", () => {
  expect(declared.length).toBeGreaterThan(10);
  expect([...new Set(documented)].sort()).toEqual([...new Set([...declared, ...STEP_CODES])].sort());
});

test("no code is described twice", () => {
  expect(documented).toHaveLength(new Set(documented).size);
});
