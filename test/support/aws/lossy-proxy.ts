/** Stands between a client and the stand-in, and can lose an answer after the request has taken effect. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { forward } from "./forward.ts";
import { localServer } from "./local-server.ts";

export interface LossyProxy {
  readonly endpoint: string;
  /**
   * The next answer is lost: its connection is closed without a word. `meanwhile` runs before it is.
   *
   * @param given how many answers are given before
   */
  loseNext(meanwhile?: () => Promise<unknown>, given?: number): void;
  /** Answers that were lost so far. */
  readonly lost: number;
  close(): Promise<void>;
}

export async function lossyProxy(target: string): Promise<LossyProxy> {
  let lost = 0;
  let given = 0;
  let losing: (() => Promise<unknown>) | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answered = await forward(target, request, await buffer(request));
    const meanwhile = losing;
    if (!meanwhile || given-- > 0) return answered.giveTo(response);
    losing = undefined;
    lost++;
    await meanwhile();
    request.socket.destroy();
  }

  const server = await localServer(answer);
  return {
    endpoint: server.endpoint,
    loseNext: (meanwhile = async () => {}, first = 0) => {
      given = first;
      losing = meanwhile;
    },
    get lost() {
      return lost;
    },
    close: server.close,
  };
}
