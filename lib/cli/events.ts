import type { Command } from "commander";
import type { EventBridgeEvent, Result } from "../client/index.ts";
import { parseExecution } from "../contract/ids.ts";
import type { Accepted } from "../engine/engine.ts";
import { type ErrorCode, isPawlError, PawlError } from "../errors.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { examples, JSON_OPTION, parseTimeout } from "./options.ts";
import { addPlaceOptions, placeOf } from "./place.ts";
import { bold, write, writeJson } from "./print.ts";
import type { ReachedEngine } from "./reached-engine.ts";
import { readFileOrJson } from "./read-json.ts";
import { namesExecution, printAccepted, printResult } from "./start.ts";

interface SendOptions {
  readonly file: string;
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly json?: boolean;
}

/** What became of one event. */
interface Sent {
  readonly event: string;
  readonly executions: readonly (Accepted | (Accepted & Result))[];
  /** Why it started nothing, or why the end of what it started is not known. */
  readonly error: PawlError | null;
}

export function addEvents(program: Command): void {
  const events = program.command("events").description("send events");
  addPlaceOptions(
    events
      .command("send")
      .description("put an event, or an array of events, on the bus; the same event again starts nothing new")
      .requiredOption("--file <file>", "@file, JSON itself, or - for standard input")
      .option(
        "--wait",
        "wait for the end of what they start; on this machine without a running engine, run one until then",
      )
      .option("--timeout <duration>", "with --wait: how long, as in 500ms, 30s, 2m", parseTimeout)
      .option(...JSON_OPTION),
  )
    .addHelpText(
      "after",
      `
An event is as EventBridge carries it: {"id", "source", "detail-type", "detail"}. With --target aws, the project's code
(--root), if it is there, tells which executions it starts where their ids come from a key.
${examples(
  "pawl events send --file @order-placed.json",
  `pawl events send --file '{"id":"e1","source":"house.door","detail-type":"GuestArrived","detail":{"name":"Ada"}}' --wait`,
  "cat events.json | pawl events send --file - --wait --json",
  "pawl events send --file @order-placed.json --target aws --platform shop --wait --timeout 2m",
)}`,
    )
    .action(async (options: SendOptions, command: Command) => {
      process.exitCode = await send(options, command);
    });
}

async function send(options: SendOptions, command: Command): Promise<number> {
  const { wait = false, json = false, timeout } = options;
  if (timeout !== undefined && !wait) command.error("error: --timeout is for --wait");
  const place = placeOf(command, { usesCode: true });
  const events = await parseEvents(await readFileOrJson(options.file));
  const { reach } = await import("./reach.ts");
  const engine = await reach(place, { wait, json, usesCode: true });
  const all: Sent[] = [];
  try {
    for (const event of events) all.push(await sendOne(engine, event));
    const endMs = timeout === undefined ? undefined : performance.now() + timeout;
    if (wait) for (const [i, sent] of all.entries()) all[i] = await waitFor(engine, sent, endMs);
  } finally {
    await engine.close();
  }
  if (json) writeJson({ events: all.map(({ error, ...sent }) => ({ ...sent, error: error && told(error) })) });
  else for (const sent of all) write(printSent(sent));
  const errors = all.flatMap((sent) => (sent.error ? [{ event: sent.event, error: sent.error }] : []));
  if (errors.length > 0) throw together(errors, all.length);
  const failed = all.some(({ executions }) => executions.some((e) => "status" in e && e.status !== "succeeded"));
  return failed ? EXIT.failed : EXIT.done;
}

/** Every event is looked at before the first is sent: a mistake in the last one leaves nothing half done. */
async function parseEvents(value: unknown): Promise<readonly EventBridgeEvent[]> {
  const { parseEvent } = await import("../contract/event-detail.ts");
  const events = Array.isArray(value) ? value : [value];
  if (events.length === 0) throw new PawlError("usage", "the array of events is empty: there is nothing to send");
  for (const [i, event] of events.entries()) {
    try {
      parseEvent(event);
    } catch (error) {
      if (!isPawlError(error) || events.length === 1) throw error;
      throw new PawlError(
        error.code,
        `event ${i + 1} of ${events.length}: ${error.message}`,
        { ...error.detail, index: i },
        error,
      );
    }
  }
  return events as EventBridgeEvent[]; // parseEvent has just read each of them
}

async function sendOne(engine: ReachedEngine, event: EventBridgeEvent): Promise<Sent> {
  try {
    return { event: event.id, executions: await engine.sendEvent(event), error: null };
  } catch (error) {
    if (isPawlError(error) && !NOBODY_THERE.has(error.code)) return { event: event.id, executions: [], error };
    throw error;
  }
}

/** What one event met, the next ones would meet too. */
const NOBODY_THERE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["engine_not_running", "platform_unreachable"]);

async function waitFor(engine: ReachedEngine, sent: Sent, endMs: number | undefined): Promise<Sent> {
  const executions: (Accepted | (Accepted & Result))[] = [];
  let late: PawlError | null = sent.error;
  for (const accepted of sent.executions) {
    if (!namesExecution(accepted.execution)) {
      executions.push(accepted);
      late = unnamed(sent.event, accepted.execution);
      continue;
    }
    try {
      const leftMs = endMs === undefined ? undefined : Math.max(0, endMs - performance.now());
      executions.push({ ...accepted, ...(await engine.result(parseExecution(accepted.execution), leftMs)) });
    } catch (error) {
      if (!isPawlError(error) || exitCodeOf(error) !== EXIT.stillRunning) throw error;
      executions.push(accepted);
      late = error;
    }
  }
  return { ...sent, executions, error: late };
}

const unnamed = (event: string, workflow: string): PawlError =>
  new PawlError(
    "usage",
    `the event ${event} was sent, and which execution of '${workflow}' it starts cannot be waited for: the workflow's key tells its id, so call this in its project (--root)`,
    { event, workflow },
  );

function printSent({ event, executions, error }: Sent): string {
  const lines = executions.map((e) => ("status" in e ? printResult(e) : printAccepted(e)));
  return [`event ${bold(event)}${error && executions.length === 0 ? `: refused (${error.code})` : ""}`, ...lines].join(
    "\n",
  );
}

const told = ({ code, message, detail }: PawlError) => ({ code, message, detail });

/** Several as one; wrong input weighs more than an event that matches nothing. */
function together(errors: readonly { readonly event: string; readonly error: PawlError }[], of: number): PawlError {
  const worst = errors.find(({ error }) => exitCodeOf(error) === EXIT.usage) ?? errors[0];
  if (!worst || of === 1) return worst?.error ?? new PawlError("usage", "no event was sent");
  const list = errors.map(({ event, error }) => `  - ${event}: ${error.code}: ${error.message}`).join("\n");
  const { code } = worst.error;
  return new PawlError(code, `${errors.length} of ${of} events:\n${list}`, { events: errors.map((e) => e.event) });
}
