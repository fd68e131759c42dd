/** `pawl schedules`: which workflows begin at times, and when next. */
import type { Command } from "commander";
import { examples, foldersOf, JSON_OPTION, parseWholeNumber } from "./options.ts";
import { printTable, printTime, write, writeJson } from "./print.ts";
import { printSchedule } from "./print-schedule.ts";

export function addSchedules(program: Command): void {
  program
    .command("schedules")
    .description("tell when the project's workflows begin by their schedules")
    .option("--next <n>", "how many times of each", parseWholeNumber(1, 100), 3)
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      `
Times in this machine's zone, without jitter. A rate is counted from midnight UTC here, and on AWS from its deployment.
${examples("pawl schedules", "pawl schedules --next 10 --json")}`,
    )
    .action(async ({ next, json = false }: { next: number; json?: boolean }, command: Command) => {
      const { loadPrograms } = await import("../project/load-project.ts");
      const { root, data } = foldersOf(command);
      const { programs, problems } = await loadPrograms({ root, folder: data });
      if (problems[0]) throw problems[0];
      const schedules = programs.flatMap(({ program: { graph } }) =>
        graph.schedule ? [{ workflow: graph.workflow, schedule: graph.schedule }] : [],
      );
      const { nextTimes, printTick } = await import("../engine/next-times.ts");
      const told = schedules.map(({ workflow, schedule }) => ({
        workflow,
        schedule: printSchedule(schedule),
        next: nextTimes(schedule, Date.now(), next).map(printTick),
      }));
      if (json) writeJson({ schedules: told });
      else if (told.length === 0) write("no workflow has a schedule");
      else write(printTable(["workflow", "schedule", "next"], told.map(rowOf)));
    });
}

const rowOf = ({ workflow, schedule, next }: { workflow: string; schedule: string; next: readonly string[] }) => [
  ...[workflow, schedule, next.map(printTime).join(", ")],
];
