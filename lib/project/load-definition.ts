/** A state machine from its file, with its functions from theirs: handlers as Lambda has them, or those of `pawl/node`. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { functionsIn } from "../asl/functions-in.ts";
import { type AslWorkflow, fromAsl } from "../asl/index.ts";
import { formatOfFile, parseDefinition } from "../asl/parse.ts";
import { validDefinition } from "../asl/validate.ts";
import { messageOf, PawlError } from "../errors.ts";
import { type Node, node } from "../model/contracts.ts";
import { type Handler, implement } from "../node/implement.ts";

export interface LoadedDefinition {
  readonly workflow: AslWorkflow;
  readonly handlers: Readonly<Record<string, Handler>>;
}

/** @throws PawlError `usage` when a file is not there or gives no function, `invalid_definition` */
export async function loadDefinition(
  file: string,
  { functions, type }: { readonly functions: string; readonly type: "STANDARD" | "EXPRESS" },
): Promise<LoadedDefinition> {
  const definition = parseDefinition(textOf(file), { format: formatOfFile(file) });
  const called = functionsIn(validDefinition(definition, { express: type === "EXPRESS" }));
  const loaded = await Promise.all(called.map((name, i) => loadFunction(functions, name, `f${i}`)));
  const nodes = Object.fromEntries(loaded.map(({ name, contract }) => [name, contract]));
  const workflow = fromAsl(definition, { name: "machine", functions: nodes, type });
  return { workflow, handlers: Object.fromEntries(loaded.map(({ contract, handler }) => [contract.node, handler])) };
}

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
