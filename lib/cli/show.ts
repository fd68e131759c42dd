import type { Command } from "commander";
import { parseExecution } from "../contract/ids.ts";
import { type Spent, spentBy } from "../cost/of-execution.ts";
import { printUsd } from "../cost/print.ts";
import type { ExecutionView, StepView } from "../engine/inspect.ts";
import { examples, JSON_OPTION } from "./options.ts";
import { addPlaceOptions, placeFlags, placeOf } from "./place.ts";
import {
  bold,
  dim,
  printDuration,
  printFailure,
  printNext,
  printShort,
  printStatus,
  printTable,
  printTime,
  printTook,
  right,
  write,
  writeJson,
} from "./print.ts";
import { printMore } from "./print-step.ts";

export function addShow(program: Command): void {
  addPlaceOptions(
    program
      .command("show")
      .description("show an execution, step by step")
      .argument("<execution>", "WORKFLOW/ID")
      .option(...JSON_OPTION),
  )
    .addHelpText(
      "after",
      examples(
        "pawl show order/1042",
        "pawl show order/1042 --json | jq '.steps[] | select(.error)'",
        "pawl show order/1042 --target aws --platform shop",
      ),
    )
    .action(async (execution: string, { json }: { json?: boolean }, command: Command) => {
      const { workflow, id } = parseExecution(execution);
      const { viewPlace } = await import("./view-place.ts");
      const { view, cost } = await viewPlace(placeOf(command), async (place) => {
        const view = await place.show(workflow, id);
        const graph = await place.graph(workflow, view.graph);
        return { view, cost: graph && spentBy(view, graph) };
      });
      if (json) writeJson({ ...view, ...(cost && { cost }) });
      else write(printExecutionView(view, { cost, flags: placeFlags(command) }));
    });
}

interface Beside {
  readonly cost: Spent | undefined;
  /** Where it is, as they go on the command line. */
  readonly flags: string;
}

function printExecutionView(view: ExecutionView, { cost, flags }: Beside): string {
  const { execution, status, graph, epoch, trigger, startedAt, endedAt, input, output, error, stuck, calledBy, steps } =
    view;
  const next = printNext(view, flags);
  const facts: readonly (readonly [string, string])[] = [
    ["started", `${printTime(startedAt)}, ${endedAt === null ? "for" : "took"} ${printTook(startedAt, endedAt)}`],
    ...(trigger.kind === "fork" ? [["forked", `from ${trigger.execution} at ${trigger.path}`] as const] : []),
    ...(epoch > 0 ? [["epoch", printEpoch(view)] as const] : []),
    ...(calledBy ? [["called", `by ${calledBy.execution} at ${calledBy.path}`] as const] : []),
    ["graph", graph],
    ["input", printShort(input, 100)],
    ...(status === "succeeded" ? [["output", printShort(output, 100)] as const] : []),
    ...(error ? [["error", printFailure(error)] as const] : []),
    ...(stuck ? [["stuck", printFailure(stuck)] as const] : []),
    ...(cost ? [["cost", printSpent(cost)] as const] : []),
    ...(next === undefined ? [] : [["next", next] as const]),
  ];
  return [
    `${bold(execution)} ${printStatus(status)}`,
    ...facts.map(([name, value]) => `  ${dim(name.padEnd(8))}${value}`),
    "",
    steps.length === 0 ? "no steps" : printSteps(steps),
  ].join("\n");
}

function printSpent({ usd, writeUnits, readUnits, messages, gigabyteSeconds }: Spent): string {
  const of = `${writeUnits} write and ${readUnits} read units, ${messages} messages, ${Number(gigabyteSeconds.toPrecision(2))} GB-s`;
  return `about ${printUsd(usd)} USD on AWS: ${of}`;
}

function printEpoch({ epoch, trigger }: ExecutionView): string {
  if (trigger.kind !== "fork") return `${epoch}: so often it was redriven`;
  return epoch === 1 ? "1: a fork's first" : `${epoch}: redriven ${epoch - 1} times since the fork`;
}

function printSteps(steps: readonly StepView[]): string {
  const rows = steps.map((step) => [
    step.path,
    step.kind,
    printStatus(step.status),
    right(step.node === null ? "" : step.attempt),
    right(printStepTook(step)),
    printMore(step),
  ]);
  return printTable(["step", "kind", "status", "attempt", "took", "result"], rows);
}

function printStepTook({ startedAt, endedAt }: StepView): string {
  if (startedAt === null || endedAt === null) return "";
  return printDuration(Date.parse(endedAt) - Date.parse(startedAt));
}
