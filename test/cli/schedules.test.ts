import { expect, it } from "vitest";
import { greetProject, pawlInside } from "./run-cli.ts";

const report = {
  "functions/report/workflow.ts": `import { schedule, workflow } from "pawl";
import { z } from "zod";
const on = schedule({ cron: "0 9 * * MON-WED", timeZone: "Europe/Berlin", jitter: "2 minutes", input: (tick) => ({ day: tick.time }) });
export const report = workflow("report", { input: z.object({ day: z.string() }), on }).set("day", (s) => s.input.day);
`,
};

it("pawl schedules tells which workflows begin at times, and when next", async () => {
  const root = greetProject(report);
  const told = await pawlInside(["schedules", "--root", root]);
  expect(told).toMatchObject({ code: 0, stderr: "" });
  expect(told.stdout).toMatch(
    /^report +0 9 \* \* MON,TUE,WED Europe\/Berlin, up to 2 m 00 s later +\d{4}-.*, .*, \d{4}-/m,
  );
  const { schedules } = JSON.parse((await pawlInside(["schedules", "--root", root, "--next", "5", "--json"])).stdout);
  expect(schedules).toMatchObject([{ workflow: "report" }]);
  expect(schedules[0].next).toHaveLength(5);
  for (const time of schedules[0].next) expect(time).toMatch(/^\d{4}-\d\d-\d\dT0[78]:00:00Z$/);
  expect(await pawlInside(["schedules", "--root", greetProject()])).toMatchObject({
    stdout: "no workflow has a schedule\n",
  });
});
