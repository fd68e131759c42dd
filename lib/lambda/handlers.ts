/** The handlers in a function's bundle: its node's, and those of inline nodes that may follow in the same invocation. */
import type { HandOut } from "../contract/callback.ts";
import { PawlError } from "../errors.ts";
import { handledNodes, type Program } from "../model/program.ts";
import { AttemptsHere } from "../node/attempts-here.ts";
import type { Ending } from "../node/ending.ts";
import type { Handler } from "../node/implement.ts";
import { type HandlerMap, handlerOf } from "../node/in-process.ts";
import { type LogLine, runAttempt } from "../node/run-attempt.ts";
import type { Beat, HandlerCall, HandlerOutcome, Handlers, Remember } from "../ports/handlers.ts";
import type { Lines } from "./logger.ts";

export interface BundledParts {
  readonly logger: Lines;
  readonly handOut: HandOut;
}

export class BundledHandlers implements Handlers {
  readonly #byNode: ReadonlyMap<string, Handler>;
  readonly #logger: Lines;
  readonly #attempts = new AttemptsHere();
  readonly #handOut: HandOut;

  /** @throws PawlError `invalid_handler`, `handlers_mismatch` */
  constructor(program: Program, handlers: HandlerMap, { logger, handOut }: BundledParts) {
    this.#byNode = new Map(Object.keys(handlers).map((node) => [node, checked(program, handlers, node)]));
    this.#logger = logger;
    this.#handOut = handOut;
  }

  async run(call: HandlerCall, remember: Remember, beat: Beat): Promise<HandlerOutcome> {
    const handler = this.#byNode.get(call.node);
    const attempt = (of: Handler) => (ending: Ending) =>
      runAttempt(of, call, { log: this.#line, remember, beat, ending, handOut: this.#handOut });
    const outcome = handler ? await this.#attempts.with(call.step, attempt(handler)) : notBundled(call);
    if (outcome.kind === "error") {
      const { execution, path, attempt } = call.step;
      const { code, final } = outcome;
      this.#logger.warn("the attempt failed", { execution, path, attempt, code, final });
    }
    return outcome;
  }

  abort(execution: string, scope: string): void {
    this.#attempts.abort(execution, scope);
  }

  async stop(): Promise<void> {}

  #line: LogLine = ({ step: { execution, path, attempt }, message, data }) => {
    this.#logger.info(message, { execution, path, attempt, ...(data !== undefined && { data }) });
  };
}

function checked(program: Program, handlers: HandlerMap, node: string): Handler {
  const { workflow } = program.graph;
  if (!handledNodes(program).includes(node))
    throw new PawlError("handlers_mismatch", `the workflow '${workflow}' has no node '${node}' to handle`, {
      workflow,
      node,
    });
  return handlerOf(node, handlers);
}

/** It goes on from its own queue, whose function has the handler. */
const notBundled = ({ node, workflow }: HandlerCall): HandlerOutcome => ({
  kind: "error",
  code: "handler_failed",
  message: `the handler of '${node}' is not in this function of workflow '${workflow}'`,
  final: false,
});
