/** What `think` asks of a model, whichever it is. */
import type { Message, Turn } from "./contracts.ts";

export interface Model {
  /**
   * The next turn of a conversation.
   *
   * @param asked `idempotencyKey` is the same when the same turn is asked for again; `signal` says that nobody waits any more
   * @throws when there is no answer, and it is worth to ask again
   */
  next(
    messages: readonly Message[],
    asked: { readonly idempotencyKey: string; readonly signal: AbortSignal },
  ): Promise<Turn>;
}
