/** A request to a proxy of a test's own goes on to the stand-in, and its answer comes back. */
import type { IncomingMessage, ServerResponse } from "node:http";

export interface Forwarded {
  readonly status: number;
  giveTo(response: ServerResponse): void;
}

/** @param body the request's, which whoever asks has read */
export async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Forwarded> {
  const { host: _, connection: __, ...headers } = request.headers;
  const answer = await fetch(`${target}${request.url}`, {
    method: request.method ?? "POST",
    headers: headers as Record<string, string>,
    body: new Uint8Array(body),
  });
  const { status } = answer;
  const answered = Buffer.from(await answer.arrayBuffer());
  return {
    status,
    giveTo: (response) => {
      for (const [name, value] of answer.headers) if (!HOP.test(name)) response.setHeader(name, value);
      response.writeHead(status).end(answered);
    },
  };
}
const HOP = /^(content-encoding|content-length|connection|transfer-encoding)$/;
