import { type Command, Option } from "commander";
import { PawlError } from "../errors.ts";
import type { Graph } from "../model/graph.ts";
import { examples, type Folders } from "./options.ts";
import { addPlaceOptions, type DeployedPlace, type Place, placeOf } from "./place.ts";
import { write, writeJson } from "./print.ts";
import { indirectEdges, printMermaid, printSystemMermaid } from "./print-mermaid.ts";
import { projectPrograms } from "./project-programs.ts";

export function addGraph(program: Command): void {
  addPlaceOptions(
    program
      .command("graph")
      .description("draw a workflow, or the whole system with the events between its workflows")
      .argument("[workflow]", "its name (default: all)")
      .addOption(new Option("--format <format>", "what to print").choices(["mermaid", "json"]).default("mermaid")),
  )
    .addHelpText(
      "after",
      `
It reads the project's files; no engine is needed. With --target aws it draws what is deployed: the newest graph of each
workflow that has had a message.
${examples(
  "pawl graph order",
  "pawl graph > system.mmd",
  "pawl graph order --format json | jq '.nodes | keys'",
  "pawl graph --target aws --platform shop",
)}`,
    )
    .action(async (workflow: string | undefined, { format }: { format: string }, command: Command) => {
      const graphs = await graphsIn(placeOf(command), workflow);
      if (workflow === undefined)
        format === "json" ? writeJson(printSystem(graphs)) : write(printSystemMermaid(graphs).trimEnd());
      else for (const graph of graphs) format === "json" ? writeJson(graph) : write(printMermaid(graph).trimEnd());
    });
}

const graphsIn = (place: Place, workflow: string | undefined): Promise<readonly Graph[]> =>
  place.target === "aws" ? deployedGraphs(place, workflow) : projectGraphs(place, workflow);

const projectGraphs = async (folders: Folders, workflow: string | undefined): Promise<readonly Graph[]> =>
  (await projectPrograms(folders, workflow)).map(({ graph }) => graph);

/** All, or the one asked for, in the order of their names, as a project's are. */
async function deployedGraphs(place: DeployedPlace, workflow: string | undefined): Promise<readonly Graph[]> {
  const { openPlatform } = await import("../adapters/aws/platform.ts");
  const platform = openPlatform(place);
  const newest = [...(await platform.workflows())].sort(([a], [b]) => (a < b ? -1 : 1));
  const wanted = workflow === undefined ? newest : newest.filter(([name]) => name === workflow);
  const graphs = await Promise.all(wanted.map(([, hash]) => platform.log.graph(hash)));
  const found = graphs.filter((graph) => graph !== undefined);
  if (found.length > 0) return found;
  const known = newest.map(([name]) => name).join(", ") || "none";
  const which = workflow === undefined ? "no workflow" : `no workflow '${workflow}'`;
  throw new PawlError(
    "unknown_workflow",
    `the platform '${platform.name}' has ${which} yet that has had a message, which is when its graph is stored; known: ${known}`,
    { platform: platform.name, ...(workflow !== undefined && { workflow }) },
  );
}

const printSystem = (graphs: readonly Graph[]) => ({
  workflows: Object.fromEntries(graphs.map((graph) => [graph.workflow, graph])),
  edges: indirectEdges(graphs),
});
