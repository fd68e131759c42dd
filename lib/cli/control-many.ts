/** One request for all executions that match: what they are, how far it has come, and what refused it. */
import { type Command, Option } from "commander";
import type { ControlFilter, ControlledMany, ControlRequest } from "../client/index.ts";
import { STATUSES } from "../kernel/record.ts";
import { showCount } from "./count-progress.ts";
import { EXIT } from "./exit-code.ts";
import { addSinceOptions } from "./options.ts";
import { placeOf } from "./place.ts";
import { dim, printTable, write, writeJson } from "./print.ts";
import { printSummaries } from "./print-summaries.ts";

export interface ManyOptions extends ControlFilter {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export const addManyOptions = (command: Command): Command =>
  addSinceOptions(
    command
      .option("--workflow <name>", "instead of one execution: all of this workflow")
      .addOption(new Option("--status <status>", "all with this status").choices(STATUSES)),
  )
    .option("--all", "all, of every workflow")
    .option("--dry-run", "only show which these are")
    .option("--yes", `ask also more than ${MOST_UNASKED} of them`);

export const MANY_EXAMPLES = {
  pause: ["pawl pause --workflow order --dry-run"],
  resume: ["pawl resume --workflow order --yes"],
  cancel: [`pawl cancel --workflow order --since 10m --reason "a faulty import"`],
  redrive: ["pawl redrive --workflow order --status failed --since 1h"],
  signal: [`pawl signal --workflow order --since 1d decision --input '{"approved":true}' --dry-run`],
  heal: ["pawl heal --workflow order", "pawl heal --all --target aws --platform shop"],
} as const satisfies Record<ControlRequest["kind"], readonly string[]>;

/** Whoever means a handful need not say it twice. */
const MOST_UNASKED = 20;

/** Whether all that match are meant, and no execution by its name. */
export function isMany(command: Command): boolean {
  const { all = false, workflow, status, since, until } = command.opts<ManyOptions>();
  return all || [workflow, status, since, until].some((part) => part !== undefined);
}

/** What the filter says; undefined: one execution is named instead. Whoever says neither, or both, is told so. */
export function filterOf(execution: string | undefined, command: Command): ControlFilter | undefined {
  const { workflow, status, since, until, dryRun, yes } = command.opts<ManyOptions>();
  const many = isMany(command);
  if (many === (execution !== undefined))
    command.error(
      `error: say what to ${command.name()}: an execution (WORKFLOW/ID), or all that match --workflow, --status, --since and --until, or --all`,
    );
  if (many) return { workflow, status, since, until };
  if (dryRun || yes) command.error(`error: --${dryRun ? "dry-run" : "yes"} is for more than one execution`);
  return undefined;
}

/** @returns the exit code */
export async function askMany(filter: ControlFilter, request: ControlRequest, command: Command): Promise<number> {
  const { dryRun = false, yes = false, json = false } = command.opts<ManyOptions>();
  const { reachClient } = await import("./reach.ts");
  const engine = await reachClient(placeOf(command));
  if (dryRun || !(yes || request.kind === "heal")) {
    const meant = await engine.controlMany(filter, request, { dryRun: true });
    if (dryRun) return tellMeant(meant, json);
    if (meant.executions.length > MOST_UNASKED)
      command.error(
        `error: that is ${count(meant)}: look at them with --dry-run, and say --yes to ${request.kind} them all`,
      );
  }
  const progress = showCount();
  try {
    const came = await engine.controlMany(filter, request, { onProgress: progress.update });
    progress.stop();
    if (json) writeJson(came);
    else write(printCame(came, request));
    return exitCodeOf(came);
  } finally {
    progress.stop();
  }
}

function tellMeant(meant: ControlledMany, json: boolean): number {
  if (json) writeJson(meant);
  else if (meant.executions.length === 0) write("no executions match");
  else write(`${printSummaries(meant.executions)}\n${dim(count(meant))}`);
  return EXIT.done;
}

const exitCodeOf = ({ failed, pending }: ControlledMany): number =>
  failed.length > 0 ? EXIT.failed : pending.length > 0 ? EXIT.stillRunning : EXIT.done;

const counted = (n: number): string => (n === 1 ? "1 execution" : `${n} executions`);
const count = ({ executions, more }: ControlledMany): string =>
  `${more ? "more than " : ""}${counted(executions.length)}`;

function printCame(came: ControlledMany, { kind }: ControlRequest): string {
  const { executions, carriedOut, pending, failed, more } = came;
  if (executions.length === 0) return "no executions match";
  const lines = [`${kind}: carried out for ${carriedOut} of ${counted(executions.length)}`];
  if (more) lines.push("there are more: run it again");
  if (pending.length > 0) lines.push(`accepted, and nothing has come of it yet: ${pending.join(" ")}`);
  const rows = failed.map(({ execution, error }) => [execution, error.code, error.message]);
  if (rows.length > 0) lines.push("", printTable(["execution", "refused", "why"], rows));
  return lines.join("\n");
}
