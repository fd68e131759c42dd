/** An error as one block: code and message, then what to do. No stack, unless PAWL_DEBUG=1. */
import { styleText } from "node:util";
import { type ErrorCode, isPawlError, messageOf } from "../errors.ts";

/** Where the message alone does not say it, or says it for programs. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  unknown_workflow: "`pawl graph` shows what is there; a workflow is exported by functions/<name>/workflow.ts",
  unknown_execution: "`pawl list` shows the executions of a data folder (--data), or of a platform (--target aws)",
  invalid_json: "in a shell, put JSON in single quotes, or into a file: --input @order.json",
  invalid_status: "`pawl show` tells how the execution stands",
  unmatched_event: "compare source and detail-type with the workflow's `on:`; `pawl graph` shows who listens",
  build_failed: "a package that is not found has to be installed first: npm install",
  usage: "`pawl help` and `pawl help COMMAND` show how it is meant, with examples",
};

export function printError(error: unknown, options: { readonly json?: boolean } = {}): string {
  const code = isPawlError(error) ? error.code : "internal_error";
  const message = messageOf(error);
  if (options.json) {
    const detail = isPawlError(error) ? error.detail : {};
    return `${JSON.stringify({ error: { code, message, detail } })}\n`;
  }
  const advice = isPawlError(error)
    ? ADVICE[error.code]
    : "this is a mistake in Pawl or in what it loaded: PAWL_DEBUG=1 shows where it comes from";
  const lines = [
    `${paint("red", `error ${code}`)}: ${message}`,
    ...(advice ? [`  ${advice}`] : []),
    ...(process.env.PAWL_DEBUG === "1" ? [debugInformation(error)] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function debugInformation(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const cause =
    error.cause === undefined ? "" : `\ncaused by: ${debugInformation(error.cause) || messageOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

const paint = (format: "red", text: string): string => styleText(format, text, { stream: process.stderr });
