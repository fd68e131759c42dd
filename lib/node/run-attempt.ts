/** One attempt of a handler: input checked, time bounded, output checked, errors turned into an outcome. */
import { tooLarge } from "../contract/limits.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import { isPawlError, messageOf } from "../errors.ts";
import { notJson, toJson } from "../model/json.ts";
import type { HandlerCall, HandlerOutcome } from "../ports/handlers.ts";
import { AttemptStep, Declared, type Telling } from "./attempt-step.ts";
import type { Handler } from "./implement.ts";
import { Silence } from "./silence.ts";

export { handOutNowhere, type LogLine, type Telling } from "./attempt-step.ts";

export async function runAttempt(handler: Handler, call: HandlerCall, telling: Telling): Promise<HandlerOutcome> {
  const input = handler.node.input.safeParse(call.input);
  if (!input.success) return failed("invalid_input", schemaProblem(input.error), true);

  const { ending } = telling;
  const over = Promise.withResolvers<HandlerOutcome>();
  const timer = setTimeout(() => {
    ending.begin(`the attempt's ${call.timeoutMs} ms are over`);
    over.resolve(failed("timeout", `the handler took longer than ${call.timeoutMs} ms`, false));
  }, call.timeoutMs);
  const silence = new Silence({
    mostMs: call.heartbeatMs,
    beat: telling.beat,
    onStop: (reason) => ending.begin(reason),
    onSilent: (mostMs) => {
      ending.begin(`the attempt was silent for ${mostMs} ms`);
      over.resolve(failed("heartbeat_timeout", silentFor(mostMs), false));
    },
  });
  const step = new AttemptStep(handler.node, call, {
    ...{ log: telling.log, remember: telling.remember, handOut: telling.handOut },
    ...{ ending, beat: () => silence.beat() },
  });
  try {
    const settled = settle(handler, { input: input.data, mostBytes: call.outputBytes }, step);
    return await Promise.race([settled, over.promise]);
  } finally {
    clearTimeout(timer);
    silence.end();
  }
}

export const silentFor = (mostMs: number): string =>
  `the handler did not call step.heartbeat() for longer than ${mostMs} ms`;

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
    if (isPawlError(error) && error.code === "invalid_transaction") return failed(error.code, error.message, true);
    const told = error instanceof Error && { thrown: { name: error.name, message: error.message } };
    return { ...failed("handler_failed", textOf(error), false), ...told };
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
  const { transacted: transact } = step;
  return { kind: "output", output: json.value, ...(transact.length > 0 && { transact }) };
}

type Failed = Extract<HandlerOutcome, { kind: "error" }>;
const failed = (code: string, message: string, final: boolean): Failed => ({ kind: "error", code, message, final });

/** The first line of the stack below the message tells where. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error}: ${messageOf(error)}`;
  const where = error.stack
    ?.split("\n")
    .find((line) => line.trimStart().startsWith("at "))
    ?.trim();
  return `${error.name}: ${error.message}${where ? ` (${where})` : ""}`;
}
