/** Alarms for what all workflows have in common. */
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { scheduleGroupName, tableName } from "../contract/names.ts";
import { type AlarmSink, PERIOD } from "./alarm-sink.ts";

export function platformAlarms(platform: Construct, name: string, alarms: AlarmSink): void {
  const sum = (namespace: string, metricName: string, dimensionsMap: Record<string, string> = {}) =>
    new Metric({ namespace, metricName, dimensionsMap, statistic: "Sum", period: PERIOD });
  const log = { TableName: tableName(name) };
  // Without a dimension Lambda's metrics are those of all functions in the region ("Types of metrics for Lambda functions").
  alarms.add(platform, "Throttled", {
    metric: sum("AWS/Lambda", "Throttles"),
    description: "Functions of this account wait for each other: raise its concurrency, or ask for less",
    above: 0,
  });
  alarms.add(platform, "RecursionDropped", {
    metric: sum("AWS/Lambda", "RecursiveInvocationsDropped"),
    description: "Lambda stopped a function for calling itself: no function of a workflow may have this detection on",
    above: 0,
  });
  alarms.add(platform, "DelaysDropped", {
    metric: sum("AWS/Scheduler", "InvocationDroppedCount", { ScheduleGroup: scheduleGroupName(name) }),
    description: "A delayed message was given up: its step waits for ever",
    above: 0,
  });
  alarms.addOver(platform, "LogThrottled", {
    metrics: [sum("AWS/DynamoDB", "ReadThrottleEvents", log), sum("AWS/DynamoDB", "WriteThrottleEvents", log)],
    with: "SUM",
    description: "The step log is slower than it is asked to be: one execution has too many steps at once",
    above: 100,
  });
}
