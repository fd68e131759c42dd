import type { Command } from "commander";
import { examples, foldersOf, parseWholeNumber } from "./options.ts";

export const PORT_OPTION = [
  "--port <n>",
  "where the HTTP API listens on 127.0.0.1; 0 takes any (default: 7295)",
  parseWholeNumber(0, 65_535),
] as const;

export function addDev(program: Command): void {
  program
    .command("dev")
    .description("run an engine on the project, reload what changes, and print each execution that ends")
    .option(...PORT_OPTION)
    .addHelpText(
      "after",
      `
Ctrl-C stops it; what is unfinished goes on at the next start.
${examples("pawl dev", "pawl dev --port 0 --data /tmp/orders")}`,
    )
    .action(async ({ port }: { port?: number }, command: Command) => {
      const { runDev } = await import("./run-dev.ts");
      await runDev(foldersOf(command), port);
    });
}
