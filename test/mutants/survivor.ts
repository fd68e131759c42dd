/** What Stryker's report says has survived, in a form that outlives changes elsewhere in the file. */
import { z } from "zod";

export interface Survivor {
  readonly file: string;
  /** The line in which it begins: its text, since its number changes with every line before it. */
  readonly line: string;
  readonly change: string;
}

const Place = z.object({ line: z.number(), column: z.number() });
const Mutant = z.object({
  status: z.string(),
  replacement: z.string().default(""),
  location: z.object({ start: Place, end: Place }),
});
export const Report = z.object({
  files: z.record(z.string(), z.object({ source: z.string(), mutants: z.array(Mutant) })),
});
export type Report = z.infer<typeof Report>;

const SURVIVES: ReadonlySet<string> = new Set(["Survived", "NoCoverage"]);
/** On a busy machine one that survives may take too long, and counts as noticed. */
const MAY_SURVIVE: ReadonlySet<string> = new Set([...SURVIVES, "Timeout"]);

export const hasSurvived = ({ status }: { readonly status: string }): boolean => SURVIVES.has(status);
export const survivorsOf = (report: Report): readonly Survivor[] => mutantsOf(report, SURVIVES);
export const perhapsSurvivorsOf = (report: Report): readonly Survivor[] => mutantsOf(report, MAY_SURVIVE);

function mutantsOf({ files }: Report, statuses: ReadonlySet<string>): readonly Survivor[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.filter(({ status }) => statuses.has(status)).map((mutant) => survivorIn(file, source, mutant)),
  );
}

function survivorIn(file: string, source: string, { location, replacement }: z.infer<typeof Mutant>): Survivor {
  const { start, end } = location;
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const first = lines[0] ?? "";
  const text =
    lines.length === 1
      ? first.slice(start.column - 1, end.column - 1)
      : [first.slice(start.column - 1), ...lines.slice(1, -1), lines.at(-1)?.slice(0, end.column - 1)].join(" ");
  return { file, line: oneLine(first), change: `${oneLine(text)} → ${oneLine(replacement)}` };
}

function oneLine(text: string): string {
  const short = text.trim().replace(/\s+/g, " ");
  return short.length > 120 ? `${short.slice(0, 119)}…` : short;
}

/** Those that the others do not have, or have less often. */
export function without(some: readonly Survivor[], others: readonly Survivor[]): readonly Survivor[] {
  const left = others.map(keyOf);
  return some.filter((one) => {
    const at = left.indexOf(keyOf(one));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

const keyOf = ({ file, line, change }: Survivor): string => [file, line, change].join("\n");
