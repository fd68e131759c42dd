/** `pawl pause`, `resume`, `cancel` and `redrive`: what is asked of one execution, or of all that match. */
import type { Command } from "commander";
import type { Controlled, Result } from "../client/index.ts";
import { parseExecution } from "../contract/ids.ts";
import type { ControlRequest, SingleRequest } from "../engine/requests.ts";
import type { Json } from "../model/json.ts";
import { addManyOptions, askMany, filterOf, MANY_EXAMPLES } from "./control-many.ts";
import { EXIT } from "./exit-code.ts";
import { examples, JSON_OPTION, parseTimeout } from "./options.ts";
import { addPlaceOptions, placeFlags, placeOf } from "./place.ts";
import { bold, dim, printNext, printStatus, write, writeJson } from "./print.ts";
import { readJson } from "./read-json.ts";
import { printResult } from "./start.ts";

interface ControlOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly json?: boolean;
  readonly reason?: string;
  /** `--no-undo` makes it false. */
  readonly undo: boolean;
  readonly from?: string;
  readonly input?: string;
}

export function addControls(program: Command): void {
  control(program, {
    kind: "pause",
    does: "hold a running execution back: attempts under way end, and what follows them waits",
    more: "An engine that does not run holds everything back by itself.",
    examples: ["pawl pause order/1042", "pawl pause order/1042 --target aws --platform shop"],
  });
  addWait(
    control(program, {
      kind: "resume",
      does: "let a paused execution go on",
      examples: ["pawl resume order/1042", "pawl resume order/1042 --wait --timeout 30s --json"],
    }),
  );
  addWait(
    control(program, {
      kind: "cancel",
      does: "end an execution: attempts under way end, nothing follows them, and what was done is undone",
      more: `It is \`stopping\` until they have ended and every step that declares \`undo\` is undone, the latest first. A
cancelled execution can be redriven. One that is \`stuck\`, because an undo came to nothing, is ended by --no-undo.`,
      examples: [
        `pawl cancel order/1042 --reason "ordered twice"`,
        "pawl cancel order/1042 --wait",
        "pawl cancel order/1042 --no-undo",
      ],
    })
      .option("--reason <text>", "why, for whoever looks at it later")
      .option("--no-undo", "what was done stays done"),
  );
  addWait(
    control(program, {
      kind: "redrive",
      does: "go on with an execution that has ended: what failed is done again, what succeeded stands",
      more: `One that is \`stuck\` goes on with its undoing. With --from, that step and all that followed from it are done over, whatever came of them; their effects may then
happen once more. \`pawl show\` lists the paths.`,
      examples: [
        "pawl redrive order/1042 --wait",
        "pawl redrive order/1042 --from pay/charge/charge",
        `pawl redrive order/1042 --from ship --input '{"to":"12 Elm St"}'`,
        "pawl redrive order/1042 --target aws --platform shop",
      ],
    })
      .option("--from <path>", "do over from this step on")
      .option("--input <json>", "with --from: that step's input, as JSON, @file, or - for standard input"),
  );
}

interface Told {
  readonly kind: Exclude<ControlRequest["kind"], "heal" | "signal">;
  readonly does: string;
  readonly more?: string;
  readonly examples: readonly string[];
}

function control(program: Command, { kind, does, more, examples: lines }: Told): Command {
  const command = program.command(kind).description(does).argument("[execution]", "WORKFLOW/ID");
  return addPlaceOptions(addManyOptions(command.option(...JSON_OPTION)))
    .addHelpText("after", `${more === undefined ? "" : `\n${more}\n`}${examples(...lines, ...MANY_EXAMPLES[kind])}`)
    .action(async (execution: string | undefined, options: ControlOptions, called: Command) => {
      const asking = () => requestOf(kind, options, called);
      process.exitCode = await askOneOrMany(execution, asking, called);
    });
}

export const addWait = (command: Command): Command =>
  command
    .option("--wait", "wait for the end; on this machine without a running engine, run one until then")
    .option("--timeout <duration>", "with --wait: how long, as in 500ms, 30s, 2m", parseTimeout);

async function requestOf(kind: Told["kind"], options: ControlOptions, command: Command): Promise<ControlRequest> {
  const { reason, undo, from, input } = options;
  if (kind === "cancel") return { kind, reason, ...(!undo && { undo }) };
  if (kind !== "redrive") return { kind };
  if (input === undefined) return { kind, from };
  if (from === undefined) command.error("error: --input is for the step that --from names");
  return { kind, from, input: (await readJson(input)) as Json };
}

/** @returns the exit code */
export async function askOneOrMany(
  execution: string | undefined,
  asking: () => Promise<ControlRequest>,
  command: Command,
): Promise<number> {
  if (execution !== undefined) parseExecution(execution); // before anything is read or opened
  const filter = filterOf(execution, command);
  if (execution !== undefined) return askAndTell(execution, await asking(), command);
  if (command.opts<ControlOptions>().wait) command.error("error: --wait is for one execution");
  return askMany(filter ?? {}, await asking(), command);
}

/** @returns the exit code */
export async function askAndTell(execution: string, request: SingleRequest, command: Command): Promise<number> {
  const { wait = false, json = false, timeout } = command.opts<ControlOptions>();
  if (timeout !== undefined && !wait) command.error("error: --timeout is for --wait");
  const name = parseExecution(execution);
  const { reach } = await import("./reach.ts");
  const engine = await reach(placeOf(command), {
    wait,
    json,
    canWait: request.kind !== "pause",
    usesCode: request.kind === "fork" && request.input !== undefined,
  });
  try {
    const controlled = await engine.ask(name, request);
    if (wait) return tellEnd(await engine.result(parseExecution(controlled.execution), timeout), request, json);
    if (json) writeJson(controlled);
    else write(printControlled(controlled, request, placeFlags(command)));
    return controlled.carriedOut ? EXIT.done : EXIT.stillRunning;
  } finally {
    await engine.close();
  }
}

function tellEnd(result: Result, request: SingleRequest, json: boolean): number {
  if (json) writeJson(result);
  else write(printResult(result));
  const { status } = result;
  if (request.kind !== "cancel") return status === "succeeded" ? EXIT.done : EXIT.failed;
  // What is stuck ends as it was to.
  return status === "cancelled" || (request.undo === false && status === "failed") ? EXIT.done : EXIT.failed;
}

function printControlled({ execution, status, epoch, carriedOut }: Controlled, { kind }: SingleRequest, flags: string) {
  const what = `${bold(execution)} ${printStatus(status)}${epoch > 0 ? dim(`, epoch ${epoch}`) : ""}`;
  if (!carriedOut) return `${what}: the ${kind} stands in its queue, and nothing has come of it yet`;
  const next = printNext({ execution, status }, flags);
  return next === undefined ? what : `${what}\n${dim(next)}`;
}
