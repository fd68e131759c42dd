/** Handlers in the engine's own process: quick, and as safe as they are. One that exits or loops takes the engine along. */
import type { HandOut } from "../contract/callback.ts";
import { PawlError } from "../errors.ts";
import { handledNodes, type Program } from "../model/program.ts";
import type { Beat, HandlerCall, HandlerOutcome, Handlers, Remember } from "../ports/handlers.ts";
import { AttemptsHere } from "./attempts-here.ts";
import type { Ending } from "./ending.ts";
import type { Handler, Step } from "./implement.ts";
import { handOutNowhere, type LogLine, runAttempt } from "./run-attempt.ts";

/** Handlers of one workflow by the names of their nodes. What each takes and gives, its contract says. */
export type HandlerMap = Readonly<Record<string, AnyHandler>>;
type AnyHandler = Pick<Handler, "kind" | "node"> & { run(input: never, step: Step<never>): Promise<unknown> };

export class InProcessHandlers implements Handlers {
  readonly #byWorkflow = new Map<string, ReadonlyMap<string, Handler>>();
  readonly #log: LogLine;
  readonly #attempts = new AttemptsHere();
  readonly #handOut: HandOut;

  constructor(log: LogLine, handOut: HandOut = handOutNowhere) {
    this.#log = log;
    this.#handOut = handOut;
  }

  /** @throws PawlError `handlers_mismatch` with all that are missing and surplus */
  add(program: Program, handlers: HandlerMap): void {
    checkHandlers(program, Object.keys(handlers), (name) => `the handler of '${name}'`);
    const known = Object.keys(handlers).map((node) => [node, handlerOf(node, handlers)] as const);
    this.#byWorkflow.set(program.graph.workflow, new Map(known));
  }

  async run(call: HandlerCall, remember: Remember, beat: Beat): Promise<HandlerOutcome> {
    const handler = this.#byWorkflow.get(call.workflow)?.get(call.node);
    const attempt = (of: Handler) => (ending: Ending) =>
      runAttempt(of, call, { log: this.#log, remember, beat, ending, handOut: this.#handOut });
    if (handler) return this.#attempts.with(call.step, attempt(handler));
    const message = `no handler of '${call.node}' is loaded for workflow '${call.workflow}'`;
    return { kind: "error", code: "handler_failed", message, final: false };
  }

  abort(execution: string, scope: string): void {
    this.#attempts.abort(execution, scope);
  }

  async stop(): Promise<void> {}
}

/** @throws PawlError `invalid_handler` */
export function handlerOf(node: string, handlers: HandlerMap): Handler {
  const handler = handlers[node] as unknown as Handler | undefined; // what it takes and gives, its contract checks
  if (handler?.kind === "handler" && handler.node.node === node) return handler;
  throw new PawlError("invalid_handler", `the handler given for '${node}' is not implement(${node}, …)`, { node });
}

/** @throws PawlError `handlers_mismatch` */
export function checkHandlers(program: Program, found: readonly string[], what: (node: string) => string): void {
  const wanted = handledNodes(program);
  const missing = wanted.filter((name) => !found.includes(name));
  const surplus = found.filter((name) => !wanted.includes(name));
  if (missing.length === 0 && surplus.length === 0) return;
  const say = (names: readonly string[]) => names.map(what).join(", ");
  const problems = [
    ...(missing.length > 0 ? [`missing: ${say(missing)}`] : []),
    ...(surplus.length > 0 ? [`no node of this workflow: ${say(surplus)}`] : []),
  ];
  const { workflow } = program.graph;
  throw new PawlError(
    "handlers_mismatch",
    `the handlers of workflow '${workflow}' do not fit it; ${problems.join("; ")}`,
    {
      workflow,
      missing,
      surplus,
    },
  );
}
