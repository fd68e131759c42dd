/**
 * Where callbacks are answered: the same for the local server and for a Lambda's function URL. Getting a page answers
 * nothing, since mail programs and their scanners follow links; an answer is posted, by the page's form or as JSON.
 *
 *     GET  /<token>   200 the page, or why not
 *     POST /<token>   200 recorded, or why not
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { MOST_ANSWER_BYTES } from "../contract/callback.ts";
import { type ErrorCode, isPawlError, PawlError } from "../errors.ts";
import { type Json, notJson, toJson } from "../model/json.ts";
import { answeredPage, askingPage, dataIn, refusedPage, STYLE_HASH } from "./callback-page.ts";
import { answerCallback, type CallbackParts, openCallback } from "./receive-callback.ts";
import { verifyCallback } from "./token.ts";

/** What became of a request. Never the token, nor what was answered. */
export interface CallbackNote {
  readonly code: ErrorCode | "answered";
  readonly execution?: string;
  /** What went wrong inside, and is not told to the caller. */
  readonly error?: unknown;
}

/** To be mounted at `CALLBACK_PATH`. */
export function callbackRoutes(parts: CallbackParts, tell: (note: CallbackNote) => void): Hono {
  const app = new Hono();
  app.use(HEADERS, noStore);
  app.use(bodyLimit({ maxSize: MOST_ANSWER_BYTES, onError: (c) => refuse(c, tooLarge()) }));
  app.onError((error, c) => {
    tell(noteOf(error));
    return refuse(c, error);
  });
  app.get("/:token", async (c) => {
    const open = await openCallback(parts, c.req.param("token"));
    return c.html(askingPage(open));
  });
  app.post("/:token", async (c) => {
    const token = c.req.param("token");
    const callback = await answerCallback(parts, token, await answerIn(c, parts, token));
    const { execution, signal } = callback;
    tell({ code: "answered", execution });
    return isJson(c) ? c.json({ accepted: true, execution, signal }) : c.html(answeredPage(callback));
  });
  return app;
}

const HEADERS = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: [STYLE_HASH],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  referrerPolicy: "no-referrer", // the address is the permission
  xFrameOptions: "DENY",
});

async function noStore(c: Context, next: () => Promise<void>): Promise<void> {
  await next();
  c.header("cache-control", "no-store");
  c.header("x-robots-tag", "noindex, nofollow");
}

/** The data itself as JSON, or what the form has chosen. */
async function answerIn(c: Context, parts: CallbackParts, token: string): Promise<Json> {
  if (isJson(c)) {
    const json = toJson(await c.req.json().catch(() => undefined));
    if (json.ok) return json.value;
    throw new PawlError("invalid_json", notJson("the answer", json));
  }
  const callback = await verifyCallback(token, parts.keys, parts.now());
  const data = dataIn(await c.req.parseBody(), callback);
  if (data !== undefined) return data;
  const allowed = Object.keys(callback.answers ?? {});
  throw new PawlError("answer_refused", `no answer was chosen; these are allowed: ${allowed.join(", ") || "any"}`, {
    allowed,
  });
}

const isJson = (c: Context): boolean => /^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? "");
/** A program that asks for JSON is told errors as the API tells them. */
const wantsJson = (c: Context): boolean => isJson(c) || /\bapplication\/json\b/i.test(c.req.header("accept") ?? "");

type Status = 400 | 403 | 404 | 409 | 410 | 413 | 422;
const STATUS_OF: Partial<Record<ErrorCode, Status>> = {
  callback_malformed: 400,
  invalid_json: 400,
  callback_forged: 403,
  unknown_execution: 404,
  callback_used: 409,
  callback_expired: 410,
  callback_too_late: 410,
  payload_too_large: 413,
  answer_refused: 422,
};

const isRefusal = (error: unknown): error is PawlError => isPawlError(error) && STATUS_OF[error.code] !== undefined;

function noteOf(error: unknown): CallbackNote {
  if (!isRefusal(error)) return { code: isPawlError(error) ? error.code : "internal_error", error };
  const { execution } = error.detail;
  return { code: error.code, ...(typeof execution === "string" && { execution }) };
}

/** Whoever holds a link is told why it is refused, and nothing of what went wrong inside. */
function refuse(c: Context, error: unknown): Response | Promise<Response> {
  const [status, code, message] = isRefusal(error)
    ? ([STATUS_OF[error.code] ?? 400, error.code, error.message] as const)
    : ([503, "internal_error", "this cannot be answered at the moment: try again later"] as const);
  if (wantsJson(c)) return c.json({ error: { code, message, detail: {} } }, status);
  return c.html(refusedPage(message), status);
}

const tooLarge = (): PawlError =>
  new PawlError("payload_too_large", `the answer has more than ${MOST_ANSWER_BYTES} bytes`, {
    limitBytes: MOST_ANSWER_BYTES,
  });
