/**
 * A client of a deployed platform. It reads the step log and never writes it: a start is a message to the workflow's
 * control queue, an event goes on the bus.
 */
import { randomUUID } from "node:crypto";
import type { Platform } from "../adapters/aws/platform.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { checkExecutionId, type ExecutionName, printExecution } from "../contract/ids.ts";
import { tooLarge } from "../contract/limits.ts";
import { ask, type Controlled, LOOK_ON_MS } from "../engine/ask.ts";
import { startMessage } from "../engine/control.ts";
import type { Accepted } from "../engine/engine.ts";
import type { SingleRequest } from "../engine/requests.ts";
import { PawlError } from "../errors.ts";
import type { Header } from "../kernel/record.ts";
import { ListQuery, listedBy, printCursor, read } from "../local/http-requests.ts";
import { type Json, notJson, toJson } from "../model/json.ts";
import { NAME } from "../model/name.ts";
import type { Program } from "../model/program.ts";
import type { Workflow } from "../model/types.ts";
import { controlCalls } from "./control-calls.ts";
import { viewExecution, viewExecutions } from "./log-view.ts";
import { type Code, sendEvent } from "./platform-events.ts";
import { pollHeader } from "./platform-result.ts";
import { storedProgram, unseenProgram } from "./stored-program.ts";
import type { ClientCalls, Result } from "./types.ts";
import { nameOf } from "./wait.ts";

type Given = Pick<Workflow, "name" | "program"> | string;

export function platformClient(platform: Platform, code: Code): ClientCalls {
  const list: ClientCalls["list"] = async (query = {}) => {
    const page = await viewExecutions(platform.log, listedBy(read(ListQuery, query, "query")));
    return { executions: page.executions, next: page.last ? printCursor(page.last) : null };
  };
  return {
    async start(given, { id = randomUUID(), input }) {
      return start(platform, await programOf(platform, code, given), { id, input });
    },
    sendEvent: (event) => sendEvent(platform, code, event),
    result: async (workflow, id, { timeout } = {}) =>
      pollHeader(platform, executionName(workflow, id), timeout) as Promise<Result<never>>,
    show: async (workflow, id) => viewExecution(platform.log, executionName(workflow, id)),
    list,
    ...controlCalls((name, request) => control(platform, { name, code }, request), list),
  };
}

/** A control function that is not warm takes seconds to its first message, which may be the execution's start. */
const START_MS = 5_000;

function control(
  platform: Platform,
  { name, code }: { readonly name: ExecutionName; readonly code: Code },
  given: SingleRequest,
): Promise<Controlled> {
  const { log, send } = platform;
  const request = checked(given);
  const programOf = (header: Header) => programFor(platform, code, header);
  const clock = systemClock;
  const sync = async () => {}; // whatever is read there is durable
  const { payloadBytes } = platform;
  return ask(
    {
      ...{ log, payloadBytes, programOf, clock, send, sync },
      ...{ pauseMs: 100, startMs: START_MS, timeoutMs: LOOK_ON_MS },
    },
    executionName(name.workflow, name.id),
    request,
  );
}

function checked(request: SingleRequest): SingleRequest {
  if ("input" in request && request.input !== undefined)
    return { ...request, input: jsonOf("the input", request.input) };
  if (request.kind === "signal") return { ...request, data: jsonOf("the signal's data", request.data) };
  return request;
}

function jsonOf(what: string, value: unknown): Json {
  const json = toJson(value);
  if (json.ok) return json.value;
  throw new PawlError("invalid_input", notJson(what, json));
}

async function start(
  platform: Platform,
  program: Program,
  of: { readonly id: string; readonly input: unknown },
): Promise<Accepted> {
  const message = startMessage(program, { ...of, trigger: { kind: "direct" } }, platform);
  const started = !(await platform.log.header(message));
  if (started) await platform.send({ ...message, input: asGiven(of.input, platform) ?? message.input });
  return { execution: printExecution(message), started };
}

/**
 * The input as it was given, once it has been checked: the control function parses it by the workflow's schema, and
 * what a schema changes must not be changed twice. Undefined: none was given, and the schema has a default.
 */
function asGiven(input: unknown, { payloadBytes }: Platform): Json | undefined {
  const json = input === undefined ? undefined : toJson(input);
  if (!json?.ok) return undefined;
  const size = tooLarge("the input", json.value, payloadBytes); // also of what the schema leaves out
  if (size) throw new PawlError("payload_too_large", size, { limitBytes: payloadBytes });
  return json.value;
}

/** The code, if it is at hand; else what is stored of it; else nothing is known, and the control function decides. */
async function programOf(platform: Platform, code: Code, given: Given): Promise<Program> {
  const program = typeof given === "string" ? code.get(given) : given.program;
  if (program) return program;
  const workflow = nameOf(given);
  const newest = await platform.workflows();
  const hash = newest.get(workflow);
  const graph = hash === undefined ? undefined : await platform.log.graph(hash);
  if (hash !== undefined && graph) return storedProgram(hash, graph);
  if (await platform.has(workflow)) return unseenProgram(workflow);
  const known = [...newest.keys()].sort().join(", ") || "none that has run";
  throw new PawlError(
    "unknown_workflow",
    `there is no workflow '${workflow}' on the platform '${platform.name}'; known: ${known}`,
    { workflow, platform: platform.name },
  );
}

/** What an execution runs on: the code, if it is that very version; else what is stored of its graph. */
async function programFor({ log }: Platform, code: Code, { workflow, graph: hash }: Header) {
  const program = code.get(workflow);
  if (program?.hash === hash) return program;
  const graph = await log.graph(hash);
  return graph && storedProgram(hash, graph);
}

/** @throws PawlError `usage`, `invalid_id` */
function executionName(workflow: Pick<Workflow, "name"> | string, id: string): ExecutionName {
  const name = nameOf(workflow);
  if (!NAME.test(name)) throw new PawlError("usage", `'${name}' is no workflow's name`, { workflow: name });
  return { workflow: name, id: checkExecutionId(id) };
}
