/** A state machine from its file, with its functions from theirs: handlers as Lambda has them, or those of `pawl/node`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { Definition } from "../asl/definition.ts";
import { functionsIn } from "../asl/functions-in.ts";
import { type Imported, importProject } from "../asl/import-project.ts";
import { type AslWorkflow, fromAsl } from "../asl/index.ts";
import { formatOfFile, parseDefinition } from "../asl/parse.ts";
import { supportedDefinition } from "../asl/unsupported.ts";
import { messageOf, PawlError } from "../errors.ts";
import { type Node, node } from "../model/contracts.ts";
import { NAME, NAME_RULE } from "../model/name.ts";
import { type Handler, implement } from "../node/implement.ts";

export interface LoadedDefinition {
  readonly workflow: AslWorkflow;
  readonly handlers: Readonly<Record<string, Handler>>;
}

interface DefinitionOptions {
  readonly functions: string;
  /** What stands for Amazon S3. */
  readonly s3?: string | undefined;
  readonly type: "STANDARD" | "EXPRESS";
}

/** @throws PawlError `usage` when a file is not there or gives no function, `invalid_definition` */
export async function loadDefinition(
  file: string,
  { functions, s3, type }: DefinitionOptions,
): Promise<LoadedDefinition> {
  const definition = readDefinition(file, type);
  const called = functionsIn(definition);
  const loaded = await Promise.all(called.map((name, i) => loadFunction(functions, name, `f${i}`)));
  const nodes = Object.fromEntries(loaded.map(({ name, contract }) => [name, contract]));
  const workflow = fromAsl(definition, { name: "machine", functions: nodes, type, buckets: bucketsIn(s3) });
  return { workflow, handlers: Object.fromEntries(loaded.map(({ contract, handler }) => [contract.node, handler])) };
}

export interface ImportOptions {
  /** The folder, named after the workflow. */
  readonly to: string;
  readonly type: "STANDARD" | "EXPRESS";
  /** The definition is kept, though the builder could say it. */
  readonly keep?: boolean;
}

/** @returns the files that it wrote, and what they hold. @throws PawlError `usage` when there are any already, `invalid_definition` */
export function importDefinition(
  file: string,
  { to, type, keep }: ImportOptions,
): Omit<Imported, "files"> & { readonly files: readonly string[] } {
  const definition = readDefinition(file, type);
  const name = basename(resolve(to)).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (!NAME.test(name)) throw new PawlError("usage", `no workflow can be named '${name}': ${NAME_RULE}`, { to });
  const imported = importProject(name, definition, keep);
  const files = [...imported.files].map(([at, text]) => [join(to, at), text] as const);
  const there = files.find(([at]) => existsSync(at));
  if (there) throw new PawlError("usage", `${there[0]} is there already, and is not written over`, { file: there[0] });
  mkdirSync(to, { recursive: true });
  for (const [at, text] of files) writeFileSync(at, text);
  return { ...imported, files: files.map(([at]) => at) };
}

/** Any of them may be worked out. */
function bucketsIn(s3: string | undefined): readonly string[] {
  if (s3 === undefined) return [];
  try {
    const found = readdirSync(s3, { withFileTypes: true });
    return found.filter((one) => one.isDirectory()).map(({ name }) => name);
  } catch (error) {
    throw new PawlError("usage", `the folder of buckets '${s3}' cannot be read: ${messageOf(error)}`, { s3 }, error);
  }
}

const readDefinition = (file: string, type: "STANDARD" | "EXPRESS"): Definition =>
  supportedDefinition(parseDefinition(textOf(file), { format: formatOfFile(file) }), type);

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new PawlError("usage", `the definition '${file}' cannot be read: ${messageOf(error)}`, { file }, error);
  }
}

const ENDINGS = ["ts", "mts", "js", "mjs", "cjs"];

async function loadFunction(folder: string, name: string, as: string) {
  const files = ENDINGS.map((ending) => join(resolve(folder), `${basename(name)}.${ending}`));
  const file = files.find((one) => existsSync(one));
  if (!file)
    throw new PawlError("usage", `the function '${name}' has no file in '${folder}': write ${basename(name)}.ts`, {
      function: name,
      folder,
    });
  const found = (await import(pathToFileURL(file).href)) as { readonly handler?: unknown; readonly default?: unknown };
  const given = found.handler ?? found.default;
  if (isHandler(given)) return { name, contract: given.node, handler: given };
  if (typeof given !== "function")
    throw new PawlError("usage", `${file} gives no function: export one as \`handler\` or as default`, { file });
  const contract: Node = node(as, { input: z.json(), output: z.json() });
  const handler = implement(contract, async (event: unknown) => ((await given(event)) ?? null) as never);
  return { name, contract, handler };
}

const isHandler = (value: unknown): value is Handler =>
  typeof value === "object" && value !== null && "node" in value && "run" in value;
