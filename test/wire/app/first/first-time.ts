import { existsSync, writeFileSync } from "node:fs";

/** Without a marker it is always the first time. */
export function firstTime(marker: string | null): boolean {
  if (marker === null) return true;
  if (existsSync(marker)) return false;
  writeFileSync(marker, "");
  return true;
}
