/**
 * A callback as a token: a JWT (RFC 7519) signed by HMAC-SHA256, readable by whoever has it. Whatever a token says is
 * looked at only once its signature holds, and no token chooses how it is verified.
 */
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { type Callback, type CallbackAnswers, MOST_TOKEN } from "../contract/callback.ts";
import { parseExecution, printExecution } from "../contract/ids.ts";
import { isPawlError, PawlError } from "../errors.ts";
import type { CallbackKey, CallbackKeys } from "../ports/callback-keys.ts";

const ALGORITHM = "HS256";
/** Tells it from a token of any other use ("JSON Web Token Best Current Practices", RFC 8725, 3.11). */
const TYPE = "pawl-callback+jwt";

const Claims = z.object({
  jti: z.string(),
  sub: z.string(),
  exp: z.int(),
  execution: z.string(),
  path: z.string(),
  signal: z.string(),
  answers: z.record(z.string(), z.json()).optional(),
});

/** @throws TypeError when it is too long for an address */
export async function signCallback(callback: Callback, key: CallbackKey): Promise<string> {
  const { id, subject, expiresAtMs, execution, path, signal, answers } = callback;
  const token = await new SignJWT({ execution, path, signal, ...(answers && { answers }) })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.id })
    .setSubject(subject)
    .setJti(id)
    .setExpirationTime(expiresAtMs / 1000)
    .sign(key.secret);
  if (token.length <= MOST_TOKEN) return token;
  throw new TypeError(
    `the callback of '${signal}' takes ${token.length} characters and the limit is ${MOST_TOKEN}: give shorter answers`,
  );
}

/** @throws PawlError `callback_malformed`, `callback_forged`, `callback_expired` */
export async function verifyCallback(
  token: string,
  keys: Pick<CallbackKeys, "byId">,
  nowMs: number,
): Promise<Callback> {
  if (token.length > MOST_TOKEN || !FORM.test(token)) throw malformed();
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      currentDate: new Date(nowMs),
    });
    return callbackIn(payload);
  } catch (error) {
    throw refusal(error);
  }
}

/** Three parts in base64url, the last one of 32 bytes with no bit left over: one signature has one way to be written. */
const FORM = /^[\w-]+\.[\w-]+\.(?:[\w-]{42}[AEIMQUYcgkosw048])?$/;

async function keyOf(keys: Pick<CallbackKeys, "byId">, kid: string | undefined): Promise<Uint8Array> {
  const key = kid === undefined ? undefined : await keys.byId(kid);
  if (!key) throw forged("it names no key of ours");
  return key.secret;
}

function callbackIn(payload: unknown): Callback {
  const { jti, sub, exp, execution, path, signal, answers } = Claims.parse(payload);
  return {
    ...{ id: jti, subject: sub, path, signal },
    execution: printExecution(parseExecution(execution)),
    expiresAtMs: exp * 1000,
    ...(answers && { answers: answers as CallbackAnswers }),
  };
}

function refusal(error: unknown): unknown {
  if (isPawlError(error) && error.code !== "invalid_id") return error;
  if (error instanceof errors.JWTExpired) {
    const atMs = Number(error.payload.exp) * 1000;
    const at = new Date(atMs).toISOString();
    return new PawlError("callback_expired", `this link could be answered until ${at}: ask for a new one`, { at });
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return forged("it asks to be verified in another way than ours");
  if (error instanceof errors.JWSSignatureVerificationFailed) return forged("its signature does not hold");
  if (error instanceof errors.JOSEError || error instanceof z.ZodError || isPawlError(error)) return malformed(error);
  return error;
}

const malformed = (cause?: unknown): PawlError =>
  new PawlError(
    "callback_malformed",
    "this is no callback of ours: a part of the address may be missing, so copy all of it from the message",
    {},
    cause,
  );
const forged = (why: string): PawlError =>
  new PawlError("callback_forged", `this callback was not handed out here, or was changed since: ${why}`);
