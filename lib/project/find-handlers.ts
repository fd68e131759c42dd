/** The handlers in a workflow's folder, found by their nodes' names and read without being run. */
import { readdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { isPawlError, PawlError } from "../errors.ts";
import { kebab } from "../model/name.ts";
import { handledNodes } from "../model/program.ts";
import { checkHandlers } from "../node/in-process.ts";
import { type Exports, exportsOf, exportsOfSync } from "./exports-of.ts";
import type { ProjectProgram } from "./load-program.ts";

export interface FoundHandlers {
  /** Files in the folder by their nodes' names: those that can be bundled. */
  readonly files: ReadonlyMap<string, string>;
  /** What is wrong with the rest. */
  readonly problems: readonly PawlError[];
}

export async function findHandlers(of: ProjectProgram, root: string): Promise<FoundHandlers> {
  const files = candidates(of, await readdir(of.folder));
  return match(of, root, await exportsOf(of.folder, files));
}

/** The same for whoever cannot wait, as the constructor of a construct. */
export function findHandlersSync(of: ProjectProgram, root: string): FoundHandlers {
  const files = candidates(of, readdirSync(of.folder));
  return match(of, root, exportsOfSync(of.folder, files));
}

const NO_HANDLER = /^(contracts|workflow|samples)\.ts$|\.(test|d)\.ts$/;
const fileOf = (node: string): string => `${kebab(node)}.ts`;

function candidates({ program }: ProjectProgram, files: readonly string[]): readonly string[] {
  const wanted = handledNodes(program).map(fileOf);
  const may = (file: string) => wanted.includes(file) || !NO_HANDLER.test(file);
  return files.filter((file) => file.endsWith(".ts") && may(file)).sort();
}

function match({ program, folder }: ProjectProgram, root: string, found: Exports): FoundHandlers {
  const present = handledNodes(program).filter((node) => found.has(fileOf(node)));
  // One that cannot be read is told of by the build.
  const usable = present.filter((node) => found.get(fileOf(node))?.includes("handler") ?? true);
  const empty = present.filter((node) => !usable.includes(node));
  const surplus = [...found.keys()].filter(
    (file) => found.get(file)?.includes("handler") && !present.some((node) => fileOf(node) === file),
  );
  const name = (node: string) => relative(root, join(folder, node.endsWith(".ts") ? node : fileOf(node)));
  const problems = empty.map((node) => exportsNone(name(node), node));
  try {
    checkHandlers(program, [...present, ...surplus], name);
  } catch (error) {
    if (!isPawlError(error)) throw error;
    problems.push(error);
  }
  return { files: new Map(usable.map((node) => [node, fileOf(node)])), problems };
}

const exportsNone = (file: string, node: string): PawlError =>
  new PawlError("invalid_handler", `${file} exports no handler: write export const handler = implement(${node}, …)`, {
    file,
    node,
  });
