import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { planted } from "./mutant.ts";
import { mutants } from "./mutants.ts";

const root = join(import.meta.dirname, "../..");

describe.each(mutants)("the mutant '$name'", (mutant) => {
  it("still applies, is code, and names tests that are there", () => {
    const read = (file: string) => readFileSync(join(root, file), "utf8");
    for (const [file, text] of planted(mutant, read)) {
      expect(text).not.toBe(read(file));
      expect(() => transformSync(text, { loader: "ts" })).not.toThrow();
    }
    expect(mutant.tests.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

it("each mutant has a name of its own and breaks a rule of its own", () => {
  for (const key of ["name", "rule"] as const) {
    const all = mutants.map((mutant) => mutant[key]);
    expect(all.filter((one, i) => all.indexOf(one) !== i)).toEqual([]);
  }
});
