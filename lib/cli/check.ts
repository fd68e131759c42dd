import type { Command } from "commander";
import { PawlError } from "../errors.ts";
import type { Graph } from "../model/graph.ts";
import type { Program } from "../model/program.ts";
import type { Committed } from "../project/committed-graphs.ts";
import type { InFlight, VersionCheck } from "../versions/check-versions.ts";
import { EXIT } from "./exit-code.ts";
import { examples, JSON_OPTION } from "./options.ts";
import { addPlaceOptions, type Place, placeOf } from "./place.ts";
import { write, writeJson } from "./print.ts";
import { printError } from "./print-error.ts";

interface CheckOptions {
  readonly json?: boolean;
  readonly update?: boolean;
  readonly drained?: boolean;
}

export function addCheck(program: Command): void {
  addPlaceOptions(
    program
      .command("check")
      .description("compare workflows with their committed graphs: what executions in flight would miss")
      .argument("[workflow]", "its name (default: all)")
      .option("--update", "write graphs/<workflow>.json, unless something is refused or needs a mapping")
      .option("--drained", "with --update: nothing is in flight on older graphs, so none of them is kept")
      .option(...JSON_OPTION),
  )
    .addHelpText(
      "after",
      `
An execution keeps the graph that it started with, and runs the newest code. Each change is
  safe               executions in flight run to their end on the new code
  safe once drained  some may not: deploy when none is in flight
  needs a mapping    they come to a node or a function that is gone: name what stands in for it (retired)
  refused            wrong whether or not any is in flight
Offline it compares with what is committed, as cdk synth does. With --target aws it counts the executions in flight on
each graph and where they are, and what none of them comes to is in order: this is the gate of a deployment.
Exit code 1: a change is refused or needs a mapping; with --target aws also: executions in flight are in the way.
${examples(
  "pawl check",
  "pawl check order --update && git add graphs",
  "pawl check --target aws --platform shop --region eu-west-1",
  "pawl check --target aws --platform shop --update",
)}`,
    )
    .action(async (workflow: string | undefined, options: CheckOptions, command: Command) => {
      if (options.drained && !options.update) command.error("error: --drained is for --update");
      const place = placeOf(command, { usesCode: true });
      if (options.drained && place.target === "aws")
        command.error("error: --drained is a word of yours; with --target aws it is looked up");
      process.exitCode = await check(place, workflow, options);
    });
}

/** One workflow, with what it was compared with. */
interface Checked extends VersionCheck {
  readonly committed: string | null;
  readonly updated: boolean;
}

async function check(place: Place, workflow: string | undefined, options: CheckOptions): Promise<number> {
  const [{ GRAPHS, committedFile, readCommitted }, { callCycles }, { resolve }] = await Promise.all([
    import("../project/committed-graphs.ts"),
    import("../versions/call-cycles.ts"),
    import("node:path"),
  ]);
  const programs = await loadWanted(place, workflow);
  const folder = resolve(place.root, GRAPHS);
  const found = programs.all.map(({ graph }) => graph);
  const cycles = callCycles(found).filter((cycle) => workflow === undefined || cycle.split(" → ").includes(workflow));
  const checked: Checked[] = [];
  for (const program of programs.wanted) {
    const file = committedFile(folder, program.graph.workflow);
    checked.push(await checkOne(place, { program, file, committed: readCommitted(file) }, options));
  }
  const ok = cycles.length === 0 && checked.every((one) => one.ok);
  if (options.json) writeJson({ ok, workflows: checked, callCycles: cycles });
  else await print(checked, cycles);
  return ok ? EXIT.done : EXIT.failed;
}

interface Found {
  readonly program: Program;
  readonly file: string;
  readonly committed: Committed | undefined;
}

async function checkOne(
  place: Place,
  { program, file, committed }: Found,
  { update = false, drained = false }: CheckOptions,
): Promise<Checked> {
  const { graphsOf, writeCommitted } = await import("../project/committed-graphs.ts");
  const { checkVersions, mayRunOn } = await import("../versions/check-versions.ts");
  const { hashOf } = await import("../model/program.ts");
  let graphs = graphsOf(committed);
  let inFlight: ReadonlyMap<string, InFlight> | undefined;
  if (place.target === "aws") {
    const deployed = await (await import("./in-flight.ts")).inFlightOn(place, program.graph.workflow);
    graphs = distinct([...graphs, ...deployed.graphs], hashOf);
    inFlight = deployed.keyed ? withThoseThatWait(deployed.inFlight, graphs, hashOf) : deployed.inFlight;
  }
  const versions = checkVersions(program, graphs, inFlight);
  const kept = graphs.filter((graph) => !drained && mayRunOn(graph, inFlight));
  const updated = update && versions.ok;
  if (updated) writeCommitted(file, { graph: program.graph, earlier: kept });
  return { ...versions, committed: committed ? hashOf(committed.graph) : null, updated };
}

function withThoseThatWait(
  inFlight: ReadonlyMap<string, InFlight>,
  graphs: readonly Graph[],
  hashOf: (graph: Graph) => string,
): ReadonlyMap<string, InFlight> {
  const waits = graphs.filter(({ trigger }) => trigger?.whenRunning === "queue" || trigger?.whenRunning === "replace");
  const more = waits.map((graph) => {
    const hash = hashOf(graph);
    return [hash, { count: 0, ...inFlight.get(hash), waiting: true }] as const;
  });
  return new Map([...inFlight, ...more]);
}

function distinct(graphs: readonly Graph[], hashOf: (graph: Graph) => string): readonly Graph[] {
  return [...new Map(graphs.map((graph) => [hashOf(graph), graph])).values()];
}

async function print(checked: readonly Checked[], cycles: readonly string[]): Promise<void> {
  const { printCheck, printVerdict } = await import("../versions/print-changes.ts");
  for (const one of checked) {
    if (one.against.length > 0) write(printCheck(one));
    if (one.committed === null && !one.updated)
      write(`${one.workflow}: no graph is committed yet: pawl check --update writes it`);
    if (one.updated) write(`${one.workflow}: graphs/${one.workflow}.json is written`);
    else if (one.verdict !== "safe") write(`${one.workflow}: ${printVerdict(one.verdict)}`);
    if (one.spare.length > 0) write(`${one.workflow}: no execution needs these any more: ${one.spare.join(", ")}`);
  }
  for (const cycle of cycles) write(`refused: these workflows call each other in a circle: ${cycle}`);
}

/** All that load, and those asked for; a mistake in others is no reason not to compare it. */
async function loadWanted(
  place: Place,
  workflow: string | undefined,
): Promise<{ readonly all: readonly Program[]; readonly wanted: readonly Program[] }> {
  const { loadPrograms } = await import("../project/load-project.ts");
  const folder = place.target === "local" ? { folder: place.data } : {};
  const { programs, problems } = await loadPrograms({ root: place.root, ...folder });
  const all = programs.map(({ program }) => program);
  const wanted = workflow === undefined ? all : all.filter(({ graph }) => graph.workflow === workflow);
  const [first, ...others] = problems;
  if (first && (workflow === undefined || wanted.length === 0)) {
    for (const problem of others) process.stderr.write(printError(problem));
    throw first;
  }
  if (wanted.length > 0) return { all, wanted };
  const known = all.map(({ graph }) => graph.workflow).join(", ") || "none";
  throw new PawlError("unknown_workflow", `there is no workflow '${workflow}'; known: ${known}`, { workflow });
}
