import { type Command, Option } from "commander";
import { PawlError } from "../errors.ts";
import type { Graph } from "../model/graph.ts";
import { examples, type Folders, foldersOf } from "./options.ts";
import { write, writeJson } from "./print.ts";
import { printError } from "./print-error.ts";
import { indirectEdges, printMermaid, printSystemMermaid } from "./print-mermaid.ts";

export function addGraph(program: Command): void {
  program
    .command("graph")
    .description("draw a workflow, or the whole system with the events between its workflows")
    .argument("[workflow]", "its name (default: all)")
    .addOption(new Option("--format <format>", "what to print").choices(["mermaid", "json"]).default("mermaid"))
    .addHelpText(
      "after",
      `
It reads the project's files; no engine is needed.
${examples("pawl graph order", "pawl graph > system.mmd", "pawl graph order --format json | jq '.nodes | keys'")}`,
    )
    .action(async (workflow: string | undefined, { format }: { format: string }, command: Command) => {
      const graphs = await loadGraphs(foldersOf(command), workflow);
      if (workflow === undefined)
        format === "json" ? writeJson(printSystem(graphs)) : write(printSystemMermaid(graphs).trimEnd());
      else for (const graph of graphs) format === "json" ? writeJson(graph) : write(printMermaid(graph).trimEnd());
    });
}

/** All, or the one asked for; mistakes in others are told but are no reason not to draw it. */
async function loadGraphs({ root, data }: Folders, workflow: string | undefined): Promise<readonly Graph[]> {
  const { loadPrograms } = await import("../project/load-project.ts");
  const { programs, problems } = await loadPrograms({ root, folder: data });
  const graphs = programs.map(({ program }) => program.graph);
  const wanted = workflow === undefined ? graphs : graphs.filter((graph) => graph.workflow === workflow);
  const [first, ...others] = problems;
  if (first && (workflow === undefined || wanted.length === 0)) {
    for (const problem of others) process.stderr.write(printError(problem));
    throw first;
  }
  if (wanted.length === 0)
    throw new PawlError("unknown_workflow", `there is no workflow '${workflow}'; known: ${namesOf(graphs)}`, {
      workflow,
    });
  return wanted;
}

const namesOf = (graphs: readonly Graph[]): string => graphs.map((graph) => graph.workflow).join(", ") || "none";

const printSystem = (graphs: readonly Graph[]) => ({
  workflows: Object.fromEntries(graphs.map((graph) => [graph.workflow, graph])),
  edges: indirectEdges(graphs),
});
