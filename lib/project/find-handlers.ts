/** The handlers in a workflow's folder, found by their nodes' names and read without being run. */
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { PawlError } from "../errors.ts";
import { kebab } from "../model/name.ts";
import { checkHandlers } from "../node/in-process.ts";
import { type Entry, exportsOf } from "./bundle.ts";
import type { ProjectProgram } from "./load-program.ts";
import { caught } from "./problems.ts";

/** An entry that exports the handlers that are there, and what is wrong with the rest. */
export async function findHandlers({ program, folder }: ProjectProgram, root: string) {
  const nodes = Object.keys(program.graph.nodes);
  const fileOf = new Map(nodes.map((node) => [node, `${kebab(node)}.ts`]));
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).sort();
  const present = nodes.filter((node) => files.includes(fileOf.get(node) ?? ""));
  const problems: PawlError[] = [];
  const usable: string[] = [];
  for (const node of present) {
    const file = join(folder, fileOf.get(node) ?? "");
    const exported = await exportsOf(file);
    if (exported && !exported.includes("handler")) problems.push(exportsNone(relative(root, file), node));
    else usable.push(node); // one that cannot be read is told of by the build
  }
  const surplus: string[] = [];
  const others = files.filter((file) => !NO_HANDLER.test(file) && !present.some((node) => fileOf.get(node) === file));
  for (const file of others) if ((await exportsOf(join(folder, file)))?.includes("handler")) surplus.push(file);
  const mismatch = await caught(() =>
    checkHandlers(program, [...present, ...surplus], (name) => relative(root, join(folder, fileOf.get(name) ?? name))),
  );
  if (mismatch instanceof PawlError) problems.push(mismatch);
  const lines = usable.map((node) => `export { handler as ${node} } from ${JSON.stringify(`./${fileOf.get(node)}`)};`);
  const entry: Entry = { text: lines.join("\n"), in: folder };
  return { entry, problems };
}
const NO_HANDLER = /^(contracts|workflow|samples)\.ts$|\.(test|d)\.ts$/;

const exportsNone = (file: string, node: string): PawlError =>
  new PawlError("invalid_handler", `${file} exports no handler: write export const handler = implement(${node}, …)`, {
    file,
    node,
  });
