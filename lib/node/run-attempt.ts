/** One attempt of a handler: input checked, time bounded, output checked, errors turned into an outcome. */
import { idempotencyKey } from "../contract/ids.ts";
import { tooLarge } from "../contract/limits.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import { messageOf } from "../errors.ts";
import { type Json, notJson, toJson } from "../model/json.ts";
import type { HandlerCall, HandlerOutcome } from "../ports/handlers.ts";
import type { Handler, Step } from "./implement.ts";

export type LogLine = (line: {
  readonly step: HandlerCall["step"];
  readonly message: string;
  readonly data?: Json;
}) => void;

export async function runAttempt(handler: Handler, call: HandlerCall, log: LogLine): Promise<HandlerOutcome> {
  const input = handler.node.input.safeParse(call.input);
  if (!input.success) return failed("invalid_input", schemaProblem(input.error), true);

  const ending = new AbortController();
  const step = new AttemptStep(call, handler.node.errors, ending.signal, log);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<HandlerOutcome>((resolve) => {
    timer = setTimeout(() => {
      ending.abort(new Error(`the attempt's ${call.timeoutMs} ms are over`));
      resolve(failed("timeout", `the handler took longer than ${call.timeoutMs} ms`, false));
    }, call.timeoutMs);
  });
  try {
    return await Promise.race([settle(handler, { input: input.data, mostBytes: call.outputBytes }, step), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function settle(
  handler: Handler,
  { input, mostBytes }: { readonly input: unknown; readonly mostBytes: number },
  step: AttemptStep,
): Promise<HandlerOutcome> {
  let output: unknown;
  try {
    output = await handler.run(input, step);
  } catch (error) {
    if (error instanceof Declared) {
      const size = tooLarge(`the data of fail("${error.code}")`, error.data, mostBytes);
      if (size) return failed("payload_too_large", size, true);
      return { ...failed(error.code, error.message, true), ...(error.data !== undefined && { data: error.data }) };
    }
    return failed("handler_failed", thrown(error), false);
  }
  const checked = handler.node.output ? handler.node.output.safeParse(output) : undefined;
  if (checked && !checked.success) return failed("invalid_output", schemaProblem(checked.error), false);
  if (!handler.node.output && output != null)
    return failed(
      "invalid_output",
      `the node '${handler.node.node}' declares no output, but the handler gave one`,
      false,
    );
  const json = toJson(checked ? checked.data : null);
  if (!json.ok) return failed("invalid_output", notJson("the output", json), false);
  const size = tooLarge("the output", json.value, mostBytes);
  if (size) return failed("payload_too_large", size, true);
  return { kind: "output", output: json.value };
}

type Failed = Extract<HandlerOutcome, { kind: "error" }>;
const failed = (code: string, message: string, final: boolean): Failed => ({ kind: "error", code, message, final });

/** The first line of the stack below the message tells where. */
function thrown(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error}: ${messageOf(error)}`;
  const where = error.stack
    ?.split("\n")
    .find((line) => line.trimStart().startsWith("at "))
    ?.trim();
  return `${error.name}: ${error.message}${where ? ` (${where})` : ""}`;
}

class Declared extends Error {
  readonly code: string;
  readonly data: Json | undefined;
  constructor(code: string, data: Json | undefined) {
    super(data === undefined ? code : `${code}: ${JSON.stringify(data)}`);
    this.code = code;
    this.data = data;
  }
}

class AttemptStep implements Step {
  readonly execution: string;
  readonly path: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly #call: HandlerCall;
  readonly #log: LogLine;
  readonly #declared: readonly string[];

  constructor(call: HandlerCall, declared: readonly string[], signal: AbortSignal, log: LogLine) {
    this.#declared = declared;
    this.execution = call.step.execution;
    this.path = call.step.path;
    this.attempt = call.step.attempt;
    this.signal = signal;
    this.#call = call;
    this.#log = log;
  }
  get workflow(): string {
    return this.execution.slice(0, this.execution.indexOf("/"));
  }
  get executionId(): string {
    return this.execution.slice(this.execution.indexOf("/") + 1);
  }
  get idempotencyKey(): string {
    return idempotencyKey(this.#call.step);
  }
  log(message: string, data?: Json): void {
    this.#log({ step: this.#call.step, message, ...(data !== undefined && { data }) });
  }
  fail(code: string, data?: Json): never {
    const json = data === undefined ? undefined : toJson(data);
    if (json?.ok === false) throw new TypeError(notJson(`the data of fail("${code}")`, json));
    if (!this.#declared.includes(code))
      throw new TypeError(`fail("${code}") is not declared: add it to the node's errors`);
    throw new Declared(code, json?.value);
  }
}
