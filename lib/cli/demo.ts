import { type Command, Option } from "commander";
import { PORT_OPTION } from "./dev.ts";
import { examples, foldersOf, parseWholeNumber } from "./options.ts";
import type { DemoOptions } from "./run-demo.ts";

/** What `npm start` runs. Not among the commands of `--help`: a project need not have samples. */
export function addDemo(program: Command): void {
  program
    .command("demo", { hidden: true })
    .description("send every sample of functions/*/samples.ts into an engine on a fresh data folder, .pawl/demo")
    .option("--exit", "stop when all have ended; exit 0 when each ended as its sample says")
    .option(...PORT_OPTION)
    .addOption(
      new Option("--times <n>", "the whole of it so many times").argParser(parseWholeNumber(1, 1000)).default(1),
    )
    .addHelpText("after", examples("npm start", "npm start -- --exit", "npm start -- --exit --times 10"))
    .action(async (options: DemoOptions, command: Command) => {
      const { runDemo } = await import("./run-demo.ts");
      process.exitCode = await runDemo(foldersOf(command), options);
    });
}
