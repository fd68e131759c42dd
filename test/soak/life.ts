/** What the processes of a soak know of it: the supervisor hands it down through the environment, also to handlers' children. */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

export type Planted = "settle twice" | "acknowledge before dispatch";

export interface Life {
  /** Holds the engine's data folder, and what is written down beside it. */
  readonly folder: string;
  /** From 0; rises with each process that the engine has. */
  readonly number: number;
  readonly seed: number;
  /** Executions to start in all, and how many of them are in flight at once. */
  readonly executions: number;
  readonly inFlight: number;
  /** Workflows that are started, in turn. */
  readonly mix: readonly string[];
  /** Handlers run in a child process of the engine's. */
  readonly apart: boolean;
  /** An engine that is broken on purpose. */
  readonly planted?: Planted;
}

const NAME = "PAWL_SOAK_LIFE";
export const environmentOf = (life: Life): NodeJS.ProcessEnv => ({ ...process.env, [NAME]: JSON.stringify(life) });
export function thisLife(): Life {
  const life = process.env[NAME];
  if (life === undefined) throw new Error(`${NAME} is not set: this process is started by the soak`);
  return JSON.parse(life) as Life;
}

export const dataFolder = ({ folder }: Pick<Life, "folder">): string => join(folder, "data");
export const workflowOf = ({ mix }: Pick<Life, "mix">, n: number): string => mix[n % mix.length] ?? "";

/** Files beside the data folder that lines are appended to. A process that is killed leaves what it has written. */
export type Book = "journal" | "accepted" | "ended" | "duplicates" | "paused" | "redriven";
const fileOf = ({ folder }: Pick<Life, "folder">, book: Book): string => join(folder, book);

export function writer(life: Life, book: Book): (text: string) => void {
  const file = openSync(fileOf(life, book), "a");
  process.once("exit", () => closeSync(file));
  return (text) => void writeSync(file, text);
}

export function linesOf(of: Pick<Life, "folder">, book: Book): readonly string[] {
  const file = fileOf(of, book);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}
