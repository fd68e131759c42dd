/** Stands between a client and the stand-in, and can lose an answer after the request has taken effect. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { localServer } from "./local-server.ts";

export interface LossyProxy {
  readonly endpoint: string;
  /** The next answer is lost: its connection is closed without a word. `meanwhile` runs before it is. */
  loseNext(meanwhile?: () => Promise<unknown>): void;
  /** Answers that were lost so far. */
  readonly lost: number;
  close(): Promise<void>;
}

export async function lossyProxy(target: string): Promise<LossyProxy> {
  let lost = 0;
  let losing: (() => Promise<unknown>) | undefined;

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host: _, connection: __, ...headers } = request.headers;
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? "POST",
      headers: headers as Record<string, string>,
      body: new Uint8Array(await buffer(request)),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    const meanwhile = losing;
    if (meanwhile) {
      losing = undefined;
      lost++;
      await meanwhile();
      request.socket.destroy();
      return;
    }
    for (const [name, value] of answer.headers)
      if (!/^(content-encoding|content-length|connection|transfer-encoding)$/.test(name))
        response.setHeader(name, value);
    response.writeHead(answer.status).end(body);
  }

  const server = await localServer(forward);
  return {
    endpoint: server.endpoint,
    loseNext: (meanwhile = async () => {}) => {
      losing = meanwhile;
    },
    get lost() {
      return lost;
    },
    close: server.close,
  };
}
