import type { TaskState } from "../definition.ts";
import { functionOf } from "../resource.ts";
import { retryOf } from "./calls.ts";
import { blocked } from "./caught.ts";
import { UNUSED } from "./chain.ts";
import { mayBeTextOrNull, at as valueAt } from "./known.ts";
import type { At } from "./place.ts";
import type { TaskStep } from "./tree.ts";
import { faultsOf, literal, sameValue, unknown, type Value } from "./value.ts";

/** A visit of a node. */
export function task(at: At<TaskState>): string | null {
  const { state, chain, name, flow } = at;
  const { name: called, payload } = functionOf(state);
  const node = called === undefined ? undefined : nodeOf(at, called);
  const times = timesOf(at);
  const hasAny = (state.Catch ?? []).some(({ ErrorEquals }) => ErrorEquals.includes("States.ALL"));
  const given = payload ? payloadOf(flow.input) : flow.input;
  if (!flow.isUsed(given)) chain.refuse(name, UNUSED);
  const input = hoisted(at, given, hasAny);
  return blocked(at, {
    steps: (body) => {
      body.check(name, input);
      const step = body.name(body === chain || node === undefined ? name : node);
      const own = sameValue(input, body.previous) ? {} : { input };
      const made: TaskStep = { kind: "task", name: step, node: node ?? step, ...own, ...times };
      body.steps.push(made);
      return step;
    },
    result: (output) => (payload ? answerOf(output) : output),
  });
}

function nodeOf({ place, state, chain, name }: At<TaskState>, called: string): string | undefined {
  if (functionOf(state).token) chain.refuse(name, "it waits for a task token");
  const retry = retryOf(state);
  if (typeof retry === "string") {
    chain.refuse(name, retry);
    return undefined;
  }
  const node = place.calls.visit(called, retry);
  if (node === undefined) chain.refuse(name, `another state has '${called}' tried again in another way`);
  return node;
}

/** A node's longest attempt; a longer time never comes. */
const LONGEST_ATTEMPT_S = 14 * 60;
function timesOf({ state, chain, name }: At<TaskState>): Pick<TaskStep, "timeoutSeconds" | "heartbeatSeconds"> {
  if (functionOf(state).name === undefined) chain.refuse(name, "which function it calls is worked out");
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat, TimeoutSecondsPath, HeartbeatSecondsPath } = state;
  const worked = [TimeoutSecondsPath, HeartbeatSecondsPath, typeof timeout === "string" ? timeout : undefined];
  if (typeof heartbeat === "string" || worked.some((one) => one !== undefined))
    chain.refuse(name, "how long it may take is worked out");
  if (typeof timeout !== "number" || timeout > LONGEST_ATTEMPT_S) return {};
  return { timeoutSeconds: timeout, ...(typeof heartbeat === "number" && { heartbeatSeconds: heartbeat }) };
}

/** What fails in a way that nothing may catch is worked out before the block that catches all. */
export function hoisted({ chain, name }: At, input: Value, hasAny: boolean): Value {
  if (!hasAny || !faultsOf(input).has("runtime")) return input;
  if (faultsOf(input).has("catchable"))
    chain.refuse(name, "its Catch takes up some of what goes wrong with its input, and some not");
  return chain.before(name, input);
}

/** What `lambda:invoke` gives the function: `{}` for nothing, and a text is taken for JSON. */
function payloadOf(request: Value): Value {
  const payload = hasField(request, "Payload") ? valueAt(request, ["Payload"]) : literal({});
  if (payload.kind === "literal" && payload.value === null) return literal({});
  return mayBeTextOrNull(payload) ? { kind: "payload", of: payload } : payload;
}

/** A request is an object that is written out, with the function's name at least. */
const hasField = (request: Value, name: string): boolean =>
  request.kind === "object"
    ? request.fields.some(([field]) => field === name)
    : request.kind !== "literal" || Object.hasOwn(Object(request.value), name);

function answerOf(output: Value): Value {
  const metadata = unknown("it uses what the API of Lambda says about a call");
  return {
    kind: "object",
    fields: [
      ["ExecutedVersion", literal("$LATEST")],
      ["Payload", output],
      ["SdkHttpMetadata", metadata],
      ["SdkResponseMetadata", metadata],
      ["StatusCode", literal(200)],
    ],
  };
}
