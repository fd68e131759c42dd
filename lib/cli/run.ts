/** One command line, from its arguments to its exit code. Nothing here ends the process: what is open ends by itself. */
import { CommanderError } from "commander";
import { PawlError } from "../errors.ts";
import { commandLine } from "./command-line.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { printError } from "./print-error.ts";

export async function run(args: readonly string[]): Promise<number> {
  const program = commandLine();
  try {
    await program.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? EXIT.done);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done; // --help, --version
    // No command at all: its help is on standard error.
    if (thrown instanceof CommanderError && thrown.code === "commander.help") return EXIT.usage;
    const error = thrown instanceof CommanderError ? usageError(thrown) : thrown;
    process.stderr.write(printError(error, { json: wantsJson(args) }));
    return exitCodeOf(error);
  }
}

function usageError({ message }: CommanderError): PawlError {
  // "error: unknown command 'strat'\n(Did you mean start?)"
  return new PawlError("usage", message.replace(/^error: /, ""));
}

/** Read from the arguments themselves: when they are wrong, there are no parsed ones. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).includes("--json");
}

/** Whoever read has closed the pipe, as `head` does: there is nobody left to tell. */
export function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit();
  throw error;
}
