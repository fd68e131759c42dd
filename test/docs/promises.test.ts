import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutants } from "../mutants/mutants.ts";

const root = join(import.meta.dirname, "../..");

test.each(["docs/exactly-once.md", "docs/architecture.md", "README.md"])(
  "%s names only files that are there",
  (page) => {
    const text = readFileSync(join(root, page), "utf8");
    const named = [...text.matchAll(/`((?:lib|test|docs|bench)\/[\w./-]+)`/g)].map((m) => m[1] as string);
    const missing = named.filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  },
);

test("every promise has a test beside it", () => {
  const text = readFileSync(join(root, "docs/exactly-once.md"), "utf8");
  const rows = text.split("\n").filter((line) => /^\| (?!promise|-)/.test(line));
  expect(rows.length).toBeGreaterThan(5);
  for (const row of rows) expect(row).toMatch(/`test\//);
});

test("every mutant that is named beside a promise is there", () => {
  const text = readFileSync(join(root, "docs/exactly-once.md"), "utf8");
  const rows = text.slice(0, text.indexOf("## How it is shown")).split("\n");
  const named = rows.flatMap((line) => (line.split("|")[4] ?? "").split(";").map((name) => name.trim()));
  const known = new Set(["", "mutants", ...mutants.map(({ name }) => name)]);
  expect(named.filter((name) => !known.has(name) && !/^-+$/.test(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
});
