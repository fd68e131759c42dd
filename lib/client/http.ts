/** One call of an engine's HTTP API: its answer as JSON, its errors as the `PawlError` that the engine raised. */
import { type ErrorCode, messageOf, PawlError } from "../errors.ts";

export interface Call {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export async function call(url: string, { method = "GET", path, query = {}, body }: Call): Promise<Answer> {
  const target = new URL(path, url);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, String(value));
  let response: Response;
  let text: string;
  try {
    response = await fetch(target, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    text = await response.text();
  } catch (error) {
    throw new PawlError(
      "engine_not_running",
      `no engine answers at ${url}: ${reasonOf(error)}. Start one with \`pawl dev\`, or give another url`,
      { url },
      error,
    );
  }
  const json = parse(text);
  if (response.ok && json !== undefined) return { status: response.status, body: json };
  throw errorOf(json, `${url} answered ${response.status} to ${method} ${target.pathname}`);
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly detail?: Record<string, unknown> };
}
const isErrorBody = (json: unknown): json is ErrorBody => {
  const error = (json as Partial<ErrorBody> | undefined)?.error;
  return typeof error?.code === "string" && typeof error.message === "string";
};

function errorOf(json: unknown, what: string): PawlError {
  if (isErrorBody(json)) return new PawlError(json.error.code, json.error.message, json.error.detail);
  return new PawlError("engine_not_running", `${what}, but not as an engine does: is this the address of one?`, {});
}

/** fetch says only "fetch failed"; the reason is its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError) return messageOf(cause.errors[0]);
  return messageOf(cause ?? error);
}
