/**
 * `npm run test:stryker`: every small change to kernel and contract, one at a time, against their unit tests. Exits with 1 when one
 * survives that `survivors.ts` does not explain, and when one that it explains survives no longer.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { explained, type Survivor } from "./survivors.ts";

const root = resolve(import.meta.dirname, "../..");
const Place = z.object({ line: z.number(), column: z.number() });
const Report = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().optional(),
          status: z.string(),
          location: z.object({ start: Place, end: Place }),
        }),
      ),
    }),
  ),
});

const files = process.argv.slice(2);
if (!files.includes("--report")) {
  const bin = join(root, "node_modules/@stryker-mutator/core/bin/stryker.js");
  const only = files.length > 0 ? ["--mutate", files.join(",")] : [];
  const { status } = spawnSync(process.execPath, [bin, "run", "test/mutants/stryker.config.mjs", ...only], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, SHRINK: "no" },
  });
  if (status !== 0) process.exit(status ?? 1);
}
report(Report.parse(JSON.parse(readFileSync(join(root, ".cache/stryker.json"), "utf8"))));

function report({ files }: z.infer<typeof Report>): void {
  const counts = new Map<string, number>();
  const survivors: Survivor[] = [];
  for (const [file, { source, mutants }] of Object.entries(files))
    for (const { status, replacement = "", location } of mutants) {
      counts.set(status, (counts.get(status) ?? 0) + 1);
      if (status !== "Survived" && status !== "NoCoverage") continue;
      const { start, end } = location;
      const lines = source.split("\n").slice(start.line - 1, end.line);
      const line = oneLine(lines[0] ?? "");
      const last = lines.length - 1;
      const from = lines
        .map((text, i) => text.slice(i === 0 ? start.column - 1 : 0, i === last ? end.column - 1 : undefined))
        .join(" ");
      survivors.push({ file, line, change: `${oneLine(from)} → ${oneLine(replacement)}` });
    }
  const known = explained.filter(({ file }) => Object.hasOwn(files, file));
  const fresh = without(survivors, known);
  const gone = without(known, survivors);
  for (const one of fresh) console.error(`survives, and nothing explains it:\n${JSON.stringify(one, null, 2)}`);
  for (const one of gone) console.error(`is explained, and does not survive:\n${JSON.stringify(one, null, 2)}`);
  console.error(
    `${[...counts].map(([status, n]) => `${n} ${status}`).join(", ")}; ${fresh.length} survivors without an explanation, ${gone.length} explanations without a survivor`,
  );
  if (fresh.length + gone.length > 0) process.exitCode = 1;
}

/** Those that the others do not have, or have less often. */
function without(some: readonly Survivor[], others: readonly Survivor[]): readonly Survivor[] {
  const left = others.map(keyOf);
  return some.filter((one) => {
    const at = left.indexOf(keyOf(one));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function keyOf({ file, line, change }: Survivor): string {
  return `${file}\n${line}\n${change}`;
}

/** A line's number changes with every line before it; its text does not. */
function oneLine(text: string): string {
  const short = text.trim().replace(/\s+/g, " ");
  return short.length > 120 ? `${short.slice(0, 119)}…` : short;
}
