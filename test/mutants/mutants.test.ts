import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planted } from "./mutant.ts";
import { mutants } from "./mutants.ts";

const root = join(import.meta.dirname, "../..");

describe.each(mutants)("the mutant '$name'", (mutant) => {
  it("still applies, and names tests that are there", () => {
    const read = (file: string) => readFileSync(join(root, file), "utf8");
    for (const [file, text] of planted(mutant, read)) expect(text).not.toBe(read(file));
    expect(mutant.tests.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

it("each mutant has a name of its own and breaks a rule of its own", () => {
  for (const key of ["name", "rule"] as const) {
    const all = mutants.map((mutant) => mutant[key]);
    expect(all.filter((one, i) => all.indexOf(one) !== i)).toEqual([]);
  }
});
