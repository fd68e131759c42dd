/** What a workflow will cost, told when the app is synthesised: `pawl cost` has the whole of it. */
import { Annotations, type Stack } from "aws-cdk-lib";
import { ASSUMED } from "../cost/assumptions.ts";
import { printLine } from "../cost/print.ts";
import { quote } from "../cost/quote.ts";
import type { Program } from "../model/program.ts";
import { settingsOfControl, type WorkflowSettings } from "./function-settings.ts";

export function tellCost(stack: Stack, { graph, slots }: Program, { defaults }: WorkflowSettings): void {
  const { memorySize: memoryMiB } = settingsOfControl({ ...(defaults && { defaults }) });
  const line = printLine(quote({ graph, slots, assumed: { ...ASSUMED, memoryMiB } }));
  Annotations.of(stack).addInfoV2("pawl:cost", `${line}; \`pawl cost ${graph.workflow}\` tells what is assumed`);
}
