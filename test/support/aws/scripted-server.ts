/** Answers requests with what it is given, one after the other: what a service says that the stand-in never would. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { localServer } from "./local-server.ts";

export interface Scripted {
  readonly status: number;
  readonly body: unknown;
}

export interface ScriptedServer {
  readonly endpoint: string;
  /** Bodies of the requests so far. */
  readonly requests: readonly string[];
  /** How many connections they came over. */
  readonly connections: number;
  close(): Promise<void>;
}

/** The last answer is given to all further requests. */
export async function scriptedServer(answers: readonly Scripted[]): Promise<ScriptedServer> {
  const requests: string[] = [];
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests.push(await text(request));
    const { status, body } = answers[Math.min(requests.length, answers.length) - 1] as Scripted;
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  }
  const server = await localServer(answer);
  return {
    endpoint: server.endpoint,
    requests,
    get connections() {
      return server.connections;
    },
    close: server.close,
  };
}

/** As DynamoDB says it. */
export const dynamoError = (name: string, status = 400, more: object = {}): Scripted => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: `${name} it is`, ...more },
});
