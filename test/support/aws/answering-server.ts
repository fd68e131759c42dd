/** Answers each request as a test says, having seen it: for failures of single entries, which the stand-in never has. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import type { AwsOptions } from "../../../lib/adapters/aws/client-config.ts";
import { credentials, region } from "./environment.ts";
import { localServer } from "./local-server.ts";

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly body: unknown;
}

export interface AnsweringServer<R> {
  /** What a client is made with to reach it. */
  readonly aws: AwsOptions;
  /** Bodies of the requests so far. */
  readonly requests: readonly R[];
  close(): Promise<void>;
}

/** @param answer gets the request's body and how many requests came before */
export async function answeringServer<R>(
  answer: (request: R, n: number) => Answer | Promise<Answer>,
): Promise<AnsweringServer<R>> {
  const requests: R[] = [];
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = (await json(request)) as R;
    const { status = 200, body } = await answer(asked, requests.push(asked) - 1);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  };
  const server = await localServer(reply);
  return {
    aws: { endpoint: server.endpoint, region, credentials },
    requests,
    close: server.close,
  };
}
