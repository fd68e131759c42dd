import { once } from "../adapters/aws/once.ts";
import { type Deployment, deployed } from "./container.ts";
import type { CallbackFunction, UrlFunction } from "./url-function.ts";

/**
 * The function behind a workflow's callback url. Anybody may call it: what it does, a token allows. It reads no payload and
 * runs nobody's handler; an answer leaves it as a message to the control queue.
 *
 * @throws PawlError `usage`: the container does not start
 */
export function callbackHandler(of: CallbackFunction, where: Deployment = deployed()): UrlFunction {
  // Loaded apart, or every node's function would load it too, since they all begin with `pawl/lambda`.
  const handler = once(async () => (await import("./answer-callbacks.ts")).answerCallbacks(of, where));
  return async (event, context) => (await handler())(event, context);
}
