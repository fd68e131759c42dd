import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { Construct } from "constructs";
import { functionName, scheduleGroupName } from "../contract/names.ts";
import type { Graph } from "../model/graph.ts";
import type { Schedule } from "../model/schedule.ts";
import type { Platform } from "./platform.ts";
import type { WorkflowQueues } from "./workflow-queues.ts";

const MINUTE_MS = 60_000;

/**
 * A workflow's schedule sends its time to the control queue, which starts the execution of that time. A message that
 * cannot be sent becomes a dead letter.
 */
export function workflowSchedule(
  scope: Construct,
  of: { readonly platform: Platform; readonly graph: Graph; readonly queues: WorkflowQueues },
): void {
  const { platform, graph, queues } = of;
  const { schedule, workflow } = graph;
  if (!schedule) return;
  const tick = { v: 1, kind: "tick", workflow, time: "<aws.scheduler.scheduled-time>" };
  new CfnSchedule(scope, "Schedule", {
    name: functionName(platform.name, workflow),
    groupName: scheduleGroupName(platform.name),
    scheduleExpression: expressionOf(schedule),
    scheduleExpressionTimezone: schedule.timeZone,
    flexibleTimeWindow:
      schedule.jitterMs === 0
        ? { mode: "OFF" }
        : { mode: "FLEXIBLE", maximumWindowInMinutes: schedule.jitterMs / MINUTE_MS },
    target: {
      arn: queues.control.queueArn,
      roleArn: platform.schedulerRole.roleArn,
      input: JSON.stringify(tick),
      deadLetterConfig: { arn: queues.dead.queueArn },
    },
  });
}

/** "Schedule types in EventBridge Scheduler": six fields, of which one of the days is `?`. */
function expressionOf({ cron, rateMs = MINUTE_MS }: Schedule): string {
  if (cron === undefined) return `rate(${printRate(rateMs / MINUTE_MS)})`;
  const [minute, hour, day, month, weekday] = cron.split(" ");
  const days = weekday === "*" ? [day, month, "?"] : ["?", month, weekday];
  return `cron(${[minute, hour, ...days, "*"].join(" ")})`;
}

const printRate = (minutes: number): string => `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
