/** What is wrong with a value, in one line: the first five places, each with what was expected there. */
import type { z } from "zod";

const MOST = 5;

export function schemaProblem(error: z.ZodError): string {
  const { issues } = error;
  const told = issues.slice(0, MOST).map((i) => (i.path.length > 0 ? `${i.path.join(".")}: ${i.message}` : i.message));
  if (issues.length > MOST) told.push(`and ${issues.length - MOST} more`);
  return told.join("; ");
}
