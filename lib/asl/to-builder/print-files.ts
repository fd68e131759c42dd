/** The files of a workflow in the builder. */
import { kebab } from "../../model/name.ts";
import type { NodePlan, RetryPlan } from "./calls.ts";
import { jsonFile } from "./helpers.ts";
import { type Doc, group, indent, joined, line, printDoc, trailing } from "./layout.ts";
import { type Call, duration, printChain, printOutput, printSteps } from "./print-steps.ts";
import { quoted, type Use } from "./print-value.ts";
import type { Step } from "./tree.ts";
import type { Value } from "./value.ts";

export interface Plan {
  readonly name: string;
  readonly comment: string | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly nodes: readonly NodePlan[];
  readonly steps: readonly Step[];
  /** Undefined: the output of the last step. */
  readonly output: Value | undefined;
}

/** By their names in its folder. */
export function printFiles(plan: Plan): ReadonlyMap<string, string> {
  const used = new Set<string>();
  const files = new Map<string, string>();
  const workflow = printWorkflow(plan, (name) => {
    used.add(name);
    return name.replace(/^type /, "");
  });
  if (plan.nodes.length > 0) files.set("contracts.ts", printContracts(plan.nodes));
  const imports = [...used].sort((a, b) => compare(a.replace(/^type /, ""), b.replace(/^type /, "")));
  const named = imports.length === 1 && imports[0] === "type Json" ? "type { Json }" : `{ ${imports.join(", ")} }`;
  const nodes = plan.nodes.map((node) => node.name).sort(compare);
  const head = [
    `import { workflow } from "pawl";`,
    `import { z } from "zod";`,
    ...(nodes.length > 0 ? [printImport(`{ ${nodes.join(", ")} }`, "./contracts.ts", nodes)] : []),
    ...(used.size > 0 ? [printImport(named, "./json.ts", imports)] : []),
  ];
  files.set("workflow.ts", `${head.join("\n")}\n\n${workflow}`);
  if (used.size > 0) files.set("json.ts", jsonFile(used));
  for (const node of plan.nodes) files.set(`${kebab(node.name)}.ts`, printHandler(node));
  return files;
}

/** As the formatter sorts names: without regard to capitals first. */
const compare = (a: string, b: string): number =>
  a.localeCompare(b, "en", { numeric: true, sensitivity: "base" }) || (a < b ? -1 : 1);

const printImport = (named: string, from: string, names: readonly string[]): string => {
  const one = `import ${named} from "${from}";`;
  return one.length <= 120 ? one : `import {\n${names.map((name) => `  ${name},`).join("\n")}\n} from "${from}";`;
};

function printWorkflow({ name, comment, timeoutSeconds, steps, output }: Plan, use: Use): string {
  const life = timeoutSeconds === undefined ? "" : `, timeout: "${duration(timeoutSeconds)}"`;
  const head = `workflow("${name}", { input: z.json()${life} })`;
  const last: readonly Call[] = output ? [printOutput(output, use)] : [];
  const chain = printChain(head, [...printSteps(steps, use), ...last], 1);
  const about = comment === undefined ? "" : `/** ${comment.replaceAll("*/", "* /").replace(/\s+/g, " ").trim()} */\n`;
  return `${about}${printDoc([`export const ${name} = `, chain, ";"])}\n`;
}

function printContracts(nodes: readonly NodePlan[]): string {
  return `import { node } from "pawl";
import { z } from "zod";

// Any JSON, as the definition has it. Give each the schema that it has: what breaks it fails before the function is called.
${nodes.map(printNode).join("\n")}
`;
}

function printNode({ name, errors, retry }: NodePlan): string {
  const declared = [...errors].sort();
  const fields: Doc[] = ["input: z.json()", "output: z.json()"];
  if (declared.length > 0) fields.push(["errors: ", printNames(declared)]);
  fields.push(["retry: ", printRetry(retry, declared)]);
  const options = printObject(fields);
  return printDoc([`export const ${name} = node("${name}", `, options, ");"]);
}

const printObject = (fields: readonly Doc[]): Doc =>
  group("{", indent(line, ...joined(fields, [",", line])), trailing, line, "}");
const printNames = (names: readonly string[]): Doc =>
  group(
    "[",
    indent({ kind: "line", flat: "" }, ...joined(names.map(quoted), [",", line])),
    trailing,
    { kind: "line", flat: "" },
    "]",
  );

const DEFAULT_MOST_SECONDS = 60;

/** What is as the builder has it by itself is left out. */
function printRetry(retry: RetryPlan | undefined, declared: readonly string[]): Doc {
  if (!retry) return "{ maxAttempts: 1 }";
  const { firstDelaySeconds, maxDelaySeconds, rate, jitter, on } = retry;
  const fields: Doc[] = [`maxAttempts: ${retry.maxAttempts}`];
  if (firstDelaySeconds !== 1) fields.push(`firstDelay: "${duration(firstDelaySeconds)}"`);
  if (rate !== 2) fields.push(`rate: ${rate}`);
  if (maxDelaySeconds > DEFAULT_MOST_SECONDS || retry.isCapped) fields.push(`maxDelay: "${duration(maxDelaySeconds)}"`);
  if (!jitter) fields.push("jitter: false");
  const codes = codesOf(on, declared);
  if (codes) fields.push(["on: ", printNames(codes)]);
  return printObject(fields);
}

const FAILED = ["handler_failed", "invalid_output"];
function codesOf(on: RetryPlan["on"], declared: readonly string[]): readonly string[] | undefined {
  if (on === "failed") return [...declared, ...FAILED];
  if (on !== "any") return on;
  return declared.length === 0 ? undefined : [...declared, ...FAILED, "timeout", "heartbeat_timeout"];
}

function printHandler({ called, name, errors }: NodePlan): string {
  const [error] = [...errors].sort();
  const names = [...errors].sort().join(" or ");
  const declared = error === undefined ? "" : ` Where it threw ${names}: \`step.fail("${error}")\`.`;
  return `import { implement } from "pawl/node";
import { ${name} } from "./contracts.ts";

/** The function '${called}' of the state machine.${declared} */
export const handler = implement(${name}, async (input) => {
  throw new Error(\`not written yet: what '${called}' does with \${JSON.stringify(input)}\`);
});
`;
}
