/** Changes for people: the same text on the command line and where a deployment is refused. */
import type { Verdict } from "./change.ts";
import type { Held, HeldChange, VersionCheck } from "./check-versions.ts";
import { ANYWHERE, UNDOING } from "./may-reach.ts";

const WORDS: Readonly<Record<Verdict, string>> = {
  safe: "safe",
  safe_once_drained: "safe once drained",
  needs_mapping: "needs a mapping",
  refused: "refused",
};
export const printVerdict = (verdict: Verdict): string => WORDS[verdict];

/** One paragraph for each graph that it is held against. */
export function printCheck({ workflow, against }: VersionCheck): string {
  return against.map((held) => printHeld(workflow, held)).join("\n");
}

function printHeld(workflow: string, { graph, inFlight, changes }: Held): string {
  const head = `${workflow}, against the graph ${graph.slice(0, 8)}${inFlight ? ` (${printInFlight(inFlight)})` : ""}`;
  if (changes.length === 0) return `${head}: the same`;
  return [`${head}:`, ...changes.map(printChange)].join("\n");
}

const WHERE: ReadonlyMap<string, string> = new Map([
  [ANYWHERE, "beginning or ending"],
  [UNDOING, "being undone"],
]);

function printInFlight({ count, at = {}, waiting = false }: NonNullable<Held["inFlight"]>): string {
  const where = Object.entries(at).map(([path, n]) => `${n} ${WHERE.get(path) ?? `at ${path}`}`);
  const places = where.length > 0 ? `: ${where.join(", ")}` : "";
  return `${count === 0 ? "none" : count} in flight${places}${waiting ? "; more may wait their turn" : ""}`;
}

function printChange({ kind, where, verdict, settled, why, do: act }: HeldChange): string {
  const ok = settled && verdict !== "safe";
  const first = `  ${(ok ? "ok, none comes to it" : WORDS[verdict]).padEnd(21)}${where} (${kind.replace("_", " ")})`;
  return `${first}${why ? `: ${why}` : ""}${act && !ok ? `\n${" ".repeat(23)}→ ${act}` : ""}`;
}
