/** What commands have in common on the command line. */
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import ms from "ms";
import { payloadLimitIn } from "../contract/limits.ts";
import { PawlError } from "../errors.ts";

export interface Folders {
  /** The project: the folder that holds `functions/`. */
  readonly root: string;
  /** The data folder as it was written, so that messages show what the user knows. */
  readonly data: string;
}

export function foldersOf(command: Command): Folders {
  const { root = ".", data } = command.optsWithGlobals<{ root?: string; data?: string }>();
  return { root: resolve(root), data: data ?? join(root, ".pawl") };
}

export const DATA_OPTION = ["--data <dir>", "the data folder (default: .pawl in the project)"] as const;
export const ROOT_OPTION = [
  "--root <dir>",
  "the project, which holds functions/ (default: the current folder)",
] as const;
export const JSON_OPTION = ["--json", "print JSON, for programs"] as const;

/** Of an engine on this machine. @throws PawlError `usage` */
export function payloadLimit(): { readonly payloadLimitMiB?: number } {
  const payloadLimitMiB = payloadLimitIn(process.env);
  return payloadLimitMiB === undefined ? {} : { payloadLimitMiB };
}

/** What callbacks are reached by from outside. @throws PawlError `usage` */
export function callbackUrl(): { readonly callbackUrl?: string } {
  const text = process.env.PAWL_CALLBACK_URL;
  if (text === undefined || text === "") return {};
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text))
    throw new PawlError(
      "usage",
      `PAWL_CALLBACK_URL is '${text}': write an address, as in https://approvals.example.org`,
    );
  return { callbackUrl: text };
}

/** What stands for Amazon S3, where state machines read items from there. */
export function s3Folder(): { readonly s3?: string } {
  const folder = process.env.PAWL_S3_FOLDER;
  return folder === undefined || folder === "" ? {} : { s3: folder };
}

/** `30s`, `500ms`, `2m`, `"1 minute"`; a bare number would leave the unit to guess. */
export function parseTimeout(text: string): number {
  const value = /^\d+(\.\d+)? ?[a-z]+$/i.test(text) ? ms(text as ms.StringValue) : undefined;
  if (value !== undefined && Number.isFinite(value)) return Math.ceil(value);
  throw new InvalidArgumentError('Write it as 500ms, 30s, 2m or "1 hour".');
}

export const addSinceOptions = (command: Command): Command =>
  command
    .option(
      "--since <time>",
      "started then or later: so long ago (1h, 2 days), or a time (2026-05-01T09:00Z)",
      parseMoment,
    )
    .option("--until <time>", "started before then", parseMoment);

/** `1h`: so long ago; else a time or a day, in the reader's own zone where it names none. As ISO 8601. */
function parseMoment(text: string): string {
  const agoMs = /^\d+(\.\d+)? ?[a-z]+$/i.test(text) ? ms(text as ms.StringValue) : undefined;
  const atMs =
    agoMs === undefined ? (/^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN) : Date.now() - agoMs;
  const at = new Date(atMs);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('Write it as 30m, 1h, "2 days" or 2026-05-01T09:00Z.');
  return at.toISOString();
}

export const parseWholeNumber =
  (from: number, to: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It is a whole number from ${from} to ${to}.`);
  };

/** Help texts show how it is meant before they list what there is. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
