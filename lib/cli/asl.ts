import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { PawlError } from "../errors.ts";
import type { Json } from "../model/json.ts";
import { addWait, askAndTell } from "./controls.ts";
import { EXIT } from "./exit-code.ts";
import { examples, type Folders, JSON_OPTION } from "./options.ts";
import { addPlaceOptions } from "./place.ts";
import { write, writeJson } from "./print.ts";
import { readJson } from "./read-json.ts";

interface RunOptions {
  readonly input?: string;
  readonly functions: string;
  readonly s3?: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly json?: boolean;
}

export function addAsl(program: Command): void {
  const asl = program.command("asl").description("state machines in Amazon States Language");
  asl
    .command("run")
    .description("run a state machine here, in memory; waiting takes no time")
    .argument("<machine>", "its definition: JSON, YAML (.yaml, .yml) or JSON5 (.json5)")
    .option("--input <json>", "its input: JSON, @file, or - for standard input", "{}")
    .option("--functions <folder>", "its functions, in a file each: NAME.ts or NAME.js", ".")
    .option("--s3 <folder>", "what stands for Amazon S3: a folder of buckets, each a folder of objects")
    .option("--type <type>", "STANDARD or EXPRESS", "STANDARD")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      `
A function's file is named after the last part of its ARN, and gives it as \`handler\` or as default, as a Lambda does:
a function of the event. Nothing of it is kept, and nothing is sent anywhere but by the functions themselves.
Exit code 1: the execution did not succeed.
${examples(
  "pawl asl run claim.asl.json --input @claim.json --functions ./functions",
  `pawl asl run claim.asl.yaml --input '{"policy":"P-1"}' --functions ./functions --json | jq .statesEntered`,
)}`,
    )
    .action(async (machine: string, options: RunOptions) => {
      process.exitCode = await run(machine, options);
    });
  addImport(asl);
  addExport(asl);
  addAnswer(asl);
}

function addExport(asl: Command): void {
  const command = asl
    .command("export")
    .description("a workflow as a definition for Step Functions, where it can be one")
    .argument("<workflow>", "its name")
    .option("--arn <prefix>", "what the functions' ARNs begin with", "arn:aws:lambda:us-east-1:000000000000:function:");
  command
    .addHelpText(
      "after",
      `
An imported workflow is its definition. Of others, what functions work out (inputs, choices) has no form there: each state that
cannot be expressed is told, and why.
${examples("pawl asl export claim > claim.asl.json", "pawl asl export greet --arn arn:aws:lambda:eu-west-1:123456789012:function:pawl-greet-")}`,
    )
    .action(async (workflow: string, { arn }: { arn: string }, called: Command) => {
      const { root, data } = called.optsWithGlobals<Folders>();
      const [{ loadPrograms }, { exportDefinition }] = await Promise.all([
        import("../project/load-project.ts"),
        import("../asl/export.ts"),
      ]);
      const { programs, problems } = await loadPrograms({ root, folder: data });
      const found = programs.find(({ program: { graph } }) => graph.workflow === workflow)?.program;
      if (found) return writeJson(found.dialect?.definition ?? exportDefinition(found.graph, (node) => arn + node));
      const known = programs.map(({ program: { graph } }) => graph.workflow).join(", ") || "none";
      throw (
        problems[0] ??
        new PawlError("unknown_workflow", `there is no workflow '${workflow}'; known: ${known}`, { workflow })
      );
    });
}

interface AnswerOptions {
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

function addAnswer(asl: Command): void {
  const command = asl
    .command("answer")
    .description("give back a task's token, with what came of it")
    .argument("<token>", "as the function was given it")
    .option("--output <json>", "its output: JSON, @file, or - for standard input")
    .option("--error <name>", "or the name of the error that it failed with")
    .option("--cause <text>", "and why")
    .option(...JSON_OPTION);
  addPlaceOptions(addWait(command))
    .addHelpText(
      "after",
      examples(
        `pawl asl answer TOKEN --output '{"approved":true}'`,
        `pawl asl answer TOKEN --error Refused --cause "no money"`,
      ),
    )
    .action(async (token: string, { output, error, cause }: AnswerOptions, called: Command) => {
      if ((output === undefined) === (error === undefined)) called.error("error: say --output, or --error");
      if (cause !== undefined && error === undefined) called.error("error: --cause is for --error");
      const { parseToken } = await import("../asl/task-token.ts");
      const { workflow, id, signal } = parseToken(token);
      const data = (
        output === undefined ? { error, ...(cause && { cause }) } : { output: await readJson(output) }
      ) as Json;
      const request = { kind: "signal", signal, data, id: randomUUID() } as const;
      process.exitCode = await askAndTell(`${workflow}/${id}`, request, called);
    });
}

interface ImportOptions {
  readonly to: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly keep?: boolean;
  readonly json?: boolean;
}

function addImport(asl: Command): void {
  asl
    .command("import")
    .description("make a workflow of a state machine: TypeScript in the builder where it comes to the same")
    .argument("<machine>", "its definition: JSON, YAML (.yaml, .yml) or JSON5 (.json5)")
    .requiredOption("--to <folder>", "where to write it, named after the workflow: functions/claim")
    .option("--type <type>", "STANDARD or EXPRESS", "STANDARD")
    .option("--keep", "keep the definition, though the builder could say it")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      `
Where an execution of the builder's code would have the same outcome and call the same functions, it is written; else the
definition is kept as it is, and each reason is told. A node and a handler for each function either way.
${examples("pawl asl import claim.asl.json --to functions/claim", "pawl asl import claim.asl.yaml --to functions/claim --keep")}`,
    )
    .action(async (machine: string, { json, ...options }: ImportOptions) => {
      const { importDefinition } = await import("../project/load-definition.ts");
      const { files, as, reasons } = importDefinition(machine, options);
      if (json) return writeJson({ as, files, reasons });
      for (const file of files) write(`wrote ${file}`);
      if (as === "builder") write("Its states are code of the builder.");
      else if (reasons.length === 0) write("kept as a definition");
      for (const reason of reasons) write(`kept as a definition: ${reason}`);
      write("Write its handlers, then: pawl dev");
    });
}

async function run(machine: string, { input = "{}", functions, s3, type, json }: RunOptions): Promise<number> {
  const [{ loadDefinition }, { runDefinition }] = await Promise.all([
    import("../project/load-definition.ts"),
    import("../testing/run-definition.ts"),
  ]);
  const given = (await readJson(input)) as Parameters<typeof runDefinition>[2]; // JSON, as it is read
  const { workflow, handlers } = await loadDefinition(machine, { functions, s3, type });
  const ended = await runDefinition(workflow, handlers, given, s3);
  if (json) writeJson(ended);
  else {
    for (const [i, name] of ended.statesEntered.entries()) write(`${String(i + 1).padStart(4)}  ${name}`);
    write(`\n${ended.status}${ended.error === undefined ? "" : ` ${ended.error}`}`);
    if (ended.cause !== undefined) write(ended.cause);
    if (ended.output !== undefined) write(JSON.stringify(ended.output, null, 2));
  }
  return ended.status === "SUCCEEDED" ? EXIT.done : EXIT.failed;
}
