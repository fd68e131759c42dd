import { NestedStack } from "aws-cdk-lib";
import { expect, it } from "vitest";
import { z } from "zod";
import { WorkflowQueues } from "../../lib/cdk/workflow-queues.ts";
import { workflowSchedule } from "../../lib/cdk/workflow-schedule.ts";
import { type ScheduleOptions, schedule, workflow } from "../../lib/index.ts";
import { Deployment, resources, templateOf } from "./deployment.ts";

function scheduleOf(options: Omit<ScheduleOptions, "input">) {
  const on = schedule({ ...options, input: () => null });
  const { graph } = workflow("report", { input: z.null(), on }).set("done", () => true).program;
  const { stack, platform } = new Deployment();
  const nested = new NestedStack(stack, "Report");
  workflowSchedule(nested, { platform, graph, queues: new WorkflowQueues(nested, "Queues", { platform, graph }) });
  const template = templateOf(nested);
  const queueNamed = (name: string) =>
    resources(template, "AWS::SQS::Queue").find(({ Properties }) => Properties.QueueName === name)?.id;
  const [found, ...more] = resources(template, "AWS::Scheduler::Schedule");
  expect(more).toEqual([]);
  return { properties: found?.Properties, control: queueNamed("pawl-report"), dead: queueNamed("pawl-report_dead") };
}

it("a schedule sends its time to the control queue, under the platform's role and in its group", () => {
  const { properties, control, dead } = scheduleOf({ cron: "0 9 * * MON-FRI", timeZone: "Europe/Berlin" });
  expect(properties).toMatchObject({
    GroupName: "pawl-delays",
    Name: "pawl-report",
    ScheduleExpression: "cron(0 9 ? * MON,TUE,WED,THU,FRI *)",
    ScheduleExpressionTimezone: "Europe/Berlin",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target: {
      Arn: { "Fn::GetAtt": [control, "Arn"] },
      DeadLetterConfig: { Arn: { "Fn::GetAtt": [dead, "Arn"] } },
      RoleArn: expect.anything(),
    },
  });
  expect(JSON.parse(properties?.Target.Input)).toEqual({
    ...{ v: 1, kind: "tick", workflow: "report", time: "<aws.scheduler.scheduled-time>" },
  });
});

it("a schedule has as large a window as its jitter, and a rate in minutes", () => {
  expect(scheduleOf({ rate: "2 hours", jitter: "3 minutes" }).properties).toMatchObject({
    ScheduleExpression: "rate(120 minutes)",
    FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 3 },
  });
  expect(scheduleOf({ rate: "1 minute" }).properties?.ScheduleExpression).toBe("rate(1 minute)");
  expect(scheduleOf({ cron: "30 6 1 */6 *" }).properties?.ScheduleExpression).toBe("cron(30 6 1 1,7 ? *)");
  expect(scheduleOf({ cron: "0 0 * * *" }).properties?.ScheduleExpression).toBe("cron(0 0 * * ? *)");
});
