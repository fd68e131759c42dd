/** The files of a workflow that is made of a definition: the definition itself, its nodes typed, a handler for each. */
import { kebab, NAME } from "../model/name.ts";
import type { Definition } from "./definition.ts";
import { functionsIn } from "./functions-in.ts";

/** @param name of the workflow. By their names in its folder */
export function importedFiles(name: string, definition: Definition): ReadonlyMap<string, string> {
  const nodes = nodeNames(functionsIn(definition));
  const files = new Map<string, string>();
  files.set(`${kebab(name)}.asl.json`, `${JSON.stringify(definition, null, 2)}\n`);
  files.set("contracts.ts", contracts(nodes));
  files.set("workflow.ts", workflow(name, nodes));
  for (const [called, node] of nodes) files.set(`${kebab(node)}.ts`, handler(called, node));
  return files;
}

/** Of functions, in camelCase, each its own. */
function nodeNames(functions: readonly string[]): ReadonlyMap<string, string> {
  const nodes = new Map<string, string>();
  for (const called of functions) {
    const words = called.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
    const camel = words.map((word, i) => (i === 0 ? word[0]?.toLowerCase() : word[0]?.toUpperCase()) + word.slice(1));
    const plain = camel.join("").slice(0, 30);
    const base = NAME.test(plain) ? plain : `f${plain}`.slice(0, 30);
    const taken = new Set(nodes.values());
    const node = [base, ...Array.from({ length: 99 }, (_, i) => `${base}${i + 2}`)].find((one) => !taken.has(one));
    nodes.set(called, node ?? base);
  }
  return nodes;
}

const contracts = (nodes: ReadonlyMap<string, string>): string => `import { node } from "pawl";
import { z } from "zod";

// Any JSON, as the definition has it. Give each the schema that it has: what breaks it fails before the function is called.
${[...nodes.values()].map((node) => `export const ${node} = node("${node}", { input: z.json(), output: z.json() });`).join("\n")}
`;

const workflow = (name: string, nodes: ReadonlyMap<string, string>): string => `import { fromAsl } from "pawl/asl";
import definition from "./${kebab(name)}.asl.json" with { type: "json" };
import { ${[...nodes.values()].join(", ")} } from "./contracts.ts";

export const ${name} = fromAsl(definition, {
  name: "${name}",
  functions: {
${[...nodes].map(([called, node]) => `    ${called === node ? node : `${JSON.stringify(called)}: ${node}`},`).join("\n")}
  },
});
`;

const handler = (called: string, node: string): string => `import { implement } from "pawl/node";
import { ${node} } from "./contracts.ts";

/** The function '${called}' of the state machine. */
export const handler = implement(${node}, async (input) => {
  throw new Error(\`not written yet: what '${called}' does with \${JSON.stringify(input)}\`);
});
`;
