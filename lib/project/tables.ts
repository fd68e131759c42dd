/** The keys of the user's tables, which the embedded engine cannot ask DynamoDB for: `pawl.tables` in package.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { schemaProblem } from "../contract/schema-problem.ts";
import type { TableKeys } from "../contract/transact-action.ts";
import { messageOf, PawlError } from "../errors.ts";

const attribute = z.string().min(1);
const Manifest = z.object({
  pawl: z
    .object({
      tables: z
        .record(z.string(), z.strictObject({ partitionKey: attribute, sortKey: attribute.optional() }))
        .optional(),
    })
    .optional(),
});

/** @throws PawlError `usage` when the file says something else under that name */
export function readTables(root: string): TableKeys {
  const file = join(root, "package.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return {}; // a project without a manifest declares none
  }
  try {
    const parsed = Manifest.safeParse(JSON.parse(text));
    // Optional properties that are absent stay absent.
    if (parsed.success) return (parsed.data.pawl?.tables ?? {}) as TableKeys;
    throw new PawlError("usage", `${file} is refused: ${schemaProblem(parsed.error)}`, { file });
  } catch (error) {
    if (error instanceof PawlError) throw error;
    throw new PawlError("usage", `${file} is not JSON: ${messageOf(error)}`, { file }, error);
  }
}
