/** The cases of a folder. A file that cannot be read is a case that fails. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AslCase } from "./case.ts";

export type FoundCase =
  | { readonly name: string; readonly features: readonly string[]; readonly case: AslCase }
  | { readonly name: string; readonly features: readonly string[]; readonly problem: string };

/** The project's own. */
export const ownCases = fileURLToPath(new URL("cases", import.meta.url));
/** Those recorded from AWS, where somebody has put them beside the repository. */
export const recordedCases = fileURLToPath(new URL("../../../shared/cases/asl", import.meta.url));

/** By name. @throws the error of the folder, as it cannot be listed */
export function casesIn(folder: string): readonly FoundCase[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => caseIn(join(folder, file), file.slice(0, -".json".length)));
}

function caseIn(path: string, name: string): FoundCase {
  try {
    const found = JSON.parse(readFileSync(path, "utf8")) as Partial<AslCase> | null;
    const { expected, kind } = found ?? {};
    if (expected === undefined || (kind !== "execution" && kind !== "invalid"))
      return { name, features: [], problem: "it is no case: it has no `expected`, or no `kind` that is known" };
    return { name, features: Array.isArray(found?.features) ? found.features : [], case: found as AslCase };
  } catch (error) {
    return { name, features: [], problem: `it cannot be read: ${(error as Error).message}` };
  }
}
