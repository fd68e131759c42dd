/**
 * Who may call, and with what. A page that a browser has open can reach 127.0.0.1 too. It is kept out: no CORS headers,
 * so that it cannot read an answer; bodies must say that they are JSON, which a page may not without asking; and the
 * Host must be this machine's, so that a name of the page's own that leads here (DNS rebinding) does not count as this
 * origin.
 */
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { PawlError } from "../errors.ts";
import { answerError, refused } from "./http-errors.ts";
import { parseJsonBody } from "./json-body.ts";

/** What a body may have around the value in it, so that a value which is too large is told of as such. */
const AROUND_BYTES = 1024 * 1024;

export const onlyThisMachine: MiddlewareHandler = async (c, next) => {
  const host = c.req.header("host") ?? "";
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host))
    throw refused(403, `the host '${host}' is not this machine: call http://127.0.0.1 or http://localhost`);
  await next();
};

export function limitBody(payloadBytes: number): MiddlewareHandler {
  const maxSize = payloadBytes + AROUND_BYTES;
  const onError = (c: Context) => {
    // The rest of the body is not read: nothing else may be sent over this connection.
    c.header("connection", "close");
    return answerError(c, tooLarge(maxSize));
  };
  return bodyLimit({ maxSize, onError });
}

/** @throws PawlError `usage` (415) when it does not say that it is JSON, `invalid_json` when it is not */
export async function readBody(c: Context): Promise<unknown> {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw refused(415, `the content type is '${type}': send JSON, with content-type: application/json`);
  return parseJsonBody(await c.req.text());
}

const tooLarge = (limitBytes: number): PawlError =>
  new PawlError(
    "payload_too_large",
    `the body is above the limit of ${limitBytes} bytes: store what is in it elsewhere and pass on where`,
    { limitBytes },
  );
