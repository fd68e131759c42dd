/** What `lambda:invoke` puts around a function: its `Payload` on the way in, and the API's answer on the way out. */
import { createHash } from "node:crypto";
import { ExpressionError } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import { isObject, property } from "./json-kinds.ts";

/** What the function gets: `{}` for none, and a text is taken for the text of JSON. */
export function payloadOf(request: Json): Json {
  const payload = isObject(request) ? property(request, "Payload") : undefined;
  if (payload === undefined || payload === null) return {};
  if (typeof payload !== "string") return payload;
  try {
    // What JSON.parse gives is JSON.
    return JSON.parse(payload) as Json;
  } catch {
    throw new ExpressionError(
      "Lambda.InvalidRequestContentException",
      `Could not parse request body into json: ${payload.slice(0, 100)}`,
    );
  }
}

/** @param context the same execution and state give the same request id: to evaluate it again changes nothing */
export function invocation(payload: Json, context: Json): Json {
  const digest = createHash("sha256").update(JSON.stringify(context)).digest("hex");
  const requestId = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  const headers = {
    Connection: "keep-alive",
    "Content-Length": String(Buffer.byteLength(JSON.stringify(payload))),
    "Content-Type": "application/json",
    "X-Amz-Executed-Version": "$LATEST",
    "x-amzn-Remapped-Content-Length": "0",
    "x-amzn-RequestId": requestId,
  };
  return {
    ExecutedVersion: "$LATEST",
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
