import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { openFunctionPorts } from "../adapters/aws/function-ports.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { CALLBACK_PATH } from "../contract/callback.ts";
import { callbackRoutes } from "../security/callback-routes.ts";
import { sendSignal } from "../security/send-signal.ts";
import { signalSchema } from "../security/signal-schema.ts";
import type { Deployment } from "./container.ts";
import { aboutError, newLogger } from "./logger.ts";
import type { CallbackFunction, UrlFunction } from "./url-function.ts";

/** What `callbackHandler` is once it has been loaded. */
export function answerCallbacks({ workflow }: CallbackFunction, where: Deployment): UrlFunction {
  const { program } = workflow;
  const name = program.graph.workflow;
  const logger = newLogger(`${name}.callbacks`);
  const { log, transport, callbackKeys: keys } = openFunctionPorts(where.environment, where.aws);
  const routes = callbackRoutes(
    {
      ...{ keys, log },
      // Another workflow's keys are others: this is for the day on which they are not.
      schemaOf: async (header, signal) =>
        header.workflow === name ? signalSchema({ log, newest: program }, header, signal) : undefined,
      sendSignal: (header, signal) => sendSignal({ log, transport }, header, signal),
      now: () => systemClock.now(),
    },
    ({ code, execution, error }) => {
      const about = { code, ...(execution !== undefined && { execution }) };
      if (error !== undefined) logger.error("a callback could not be answered", { ...about, ...aboutError(error) });
      else if (code === "answered") logger.info("a callback was answered", about);
      else logger.warn("a callback was refused", about);
    },
  );
  // Hono's types of what a function url sends and wants are not AWS's to the letter; the values are.
  const answer = handle(new Hono().route(CALLBACK_PATH, routes)) as unknown as (
    event: LambdaFunctionURLEvent,
  ) => Promise<LambdaFunctionURLResult>;
  const handler = middy<LambdaFunctionURLEvent, LambdaFunctionURLResult>({ timeoutEarlyInMillis: 0 })
    // The event has the token in its path, three times over.
    .use(injectLambdaContext(logger, { logEvent: false }))
    .handler((event) => answer(event));
  return (event, context) => handler(event, context) as Promise<LambdaFunctionURLResult>;
}
