/** The workflows of the project at hand, for commands that look at graphs and need no engine. */
import { PawlError } from "../errors.ts";
import type { Program } from "../model/program.ts";
import type { Folders } from "./options.ts";
import { printError } from "./print-error.ts";

/** All, or the one asked for; mistakes in others are told but are no reason not to look at it. */
export async function projectPrograms({ root, data }: Folders, workflow?: string): Promise<readonly Program[]> {
  const { loadPrograms } = await import("../project/load-project.ts");
  const { programs, problems } = await loadPrograms({ root, folder: data });
  const all = programs.map(({ program }) => program);
  const wanted = workflow === undefined ? all : all.filter(({ graph }) => graph.workflow === workflow);
  const [first, ...others] = problems;
  if (first && (workflow === undefined || wanted.length === 0)) {
    for (const problem of others) process.stderr.write(printError(problem));
    throw first;
  }
  if (wanted.length > 0) return wanted;
  const known = all.map(({ graph }) => graph.workflow).join(", ") || "none";
  throw new PawlError("unknown_workflow", `there is no workflow '${workflow}'; known: ${known}`, { workflow });
}
