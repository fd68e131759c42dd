/** A definition as the files of a workflow: its nodes typed, a handler for each, and its states as code or as they are. */
import { kebab } from "../model/name.ts";
import type { Definition } from "./definition.ts";
import { functionsIn } from "./functions-in.ts";
import { toBuilder } from "./to-builder/index.ts";
import { nodeNames } from "./to-builder/words.ts";

export interface Imported {
  /** By their names in the workflow's folder. */
  readonly files: ReadonlyMap<string, string>;
  /** `builder`: its states are calls of the builder. `definition`: it is kept, and its functions are nodes. */
  readonly as: "builder" | "definition";
  /** Why it is kept, where the builder was asked for: a line for each reason. */
  readonly reasons: readonly string[];
}

/**
 * The files of a workflow that is made of a definition: code of the builder that comes to the same in every execution,
 * or the definition as it is.
 *
 * @param name of the workflow
 * @param keep the definition is kept in any case
 */
export function importProject(name: string, definition: Definition, keep = false): Imported {
  const made = keep ? undefined : toBuilder(name, definition);
  if (made?.kind === "builder") return { files: made.files, as: "builder", reasons: [] };
  return { files: keptFiles(name, definition), as: "definition", reasons: made?.reasons ?? [] };
}

function keptFiles(name: string, definition: Definition): ReadonlyMap<string, string> {
  const nodes = nodeNames(functionsIn(definition), [name]);
  const files = new Map<string, string>();
  files.set(`${kebab(name)}.asl.json`, `${JSON.stringify(definition, null, 2)}\n`);
  if (nodes.size > 0) files.set("contracts.ts", contracts(nodes));
  files.set("workflow.ts", workflow(name, nodes));
  for (const [called, node] of nodes) files.set(`${kebab(node)}.ts`, handler(called, node));
  return files;
}

const contracts = (nodes: ReadonlyMap<string, string>): string => `import { node } from "pawl";
import { z } from "zod";

// Any JSON, as the definition has it. Give each the schema that it has: what breaks it fails before the function is called.
${[...nodes.values()].map((node) => `export const ${node} = node("${node}", { input: z.json(), output: z.json() });`).join("\n")}
`;

function workflow(name: string, nodes: ReadonlyMap<string, string>): string {
  const fields = [...nodes].map(
    ([called, node]) => `    ${called === node ? node : `${JSON.stringify(called)}: ${node}`},\n`,
  );
  const functions = nodes.size === 0 ? "functions: {}," : `functions: {\n${fields.join("")}  },`;
  const contracts = nodes.size === 0 ? "" : `import { ${[...nodes.values()].join(", ")} } from "./contracts.ts";\n`;
  return `import { fromAsl } from "pawl/asl";
import definition from "./${kebab(name)}.asl.json" with { type: "json" };
${contracts}
export const ${name} = fromAsl(definition, {
  name: "${name}",
  ${functions}
});
`;
}

const handler = (called: string, node: string): string => `import { implement } from "pawl/node";
import { ${node} } from "./contracts.ts";

/** The function '${called}' of the state machine. */
export const handler = implement(${node}, async (input) => {
  throw new Error(\`not written yet: what '${called}' does with \${JSON.stringify(input)}\`);
});
`;
