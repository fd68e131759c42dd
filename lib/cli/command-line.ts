/**
 * The command line as a whole: which commands there are, and what they share. A command's file loads what does its work
 * when it is called, so that help and mistakes are quick.
 */
import { Command } from "commander";
import { addAsl } from "./asl.ts";
import { addCheck } from "./check.ts";
import { addControls } from "./controls.ts";
import { addCost } from "./cost.ts";
import { addDeadLetters } from "./dead-letters.ts";
import { addDemo } from "./demo.ts";
import { addDev } from "./dev.ts";
import { addEvents } from "./events.ts";
import { addFork } from "./fork.ts";
import { addGraph } from "./graph.ts";
import { addHeal } from "./heal.ts";
import { addInit } from "./init.ts";
import { addItems } from "./items.ts";
import { addList } from "./list.ts";
import { DATA_OPTION, examples, ROOT_OPTION } from "./options.ts";
import { ownManifest } from "./own-manifest.ts";
import { addSchedules } from "./schedules.ts";
import { addShow } from "./show.ts";
import { addSignal } from "./signal.ts";
import { addStart } from "./start.ts";

export function commandLine(): Command {
  const program = new Command("pawl")
    .description("Workflows of typed functions, each step exactly once, on an embedded engine or on AWS.")
    .version(ownManifest().version, "-V, --version")
    .option(...DATA_OPTION)
    .option(...ROOT_OPTION)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} }) // told by `run`, as every other error
    .exitOverride()
    .addHelpText(
      "after",
      `${examples(
        "pawl init hello && cd hello && npm install",
        "pawl dev",
        `pawl start greet --input '{"name":"Ada"}' --wait`,
        "pawl list --status failed",
        "pawl redrive greet/ID --wait",
        "pawl list --status failed --target aws --platform shop",
      )}
Exit codes: 0 done · 1 the execution failed or the event matched nothing · 2 wrong usage or input, or the engine or
the platform cannot work · 3 still running when --timeout ended`,
    );
  const looks = [addList, addShow, addGraph, addCheck, addCost, addSchedules, addItems, addDeadLetters];
  for (const add of [
    addInit,
    addDev,
    addStart,
    addEvents,
    ...looks,
    addSignal,
    addControls,
    addFork,
    addHeal,
    addAsl,
    addDemo,
  ])
    add(program);
  return program;
}
