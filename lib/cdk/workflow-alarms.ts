/** Alarms of one workflow: over all of its functions and queues, as far as a metric allows. */
import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Graph } from "../model/graph.ts";
import { AlarmSink, PERIOD } from "./alarm-sink.ts";
import type { Platform } from "./platform.ts";
import type { QueueFunction } from "./queue-function.ts";
import type { WorkflowQueues } from "./workflow-queues.ts";

export interface WorkflowParts {
  readonly platform: Platform;
  readonly graph: Graph;
  readonly functions: readonly QueueFunction[];
  readonly queues: WorkflowQueues;
}

/** The line that a function writes when it buries a message. */
const BURIED = "buried a message";
/** Control takes a dead letter at once: what is still there after this cannot be settled. */
const DEAD_FOR = Duration.minutes(15);
/** Longer than a message is put off for a held step or a deploy under way. */
const WAITING_FOR = Duration.hours(2);

export function workflowAlarms(scope: Construct, parts: WorkflowParts): void {
  const { functions, queues } = parts;
  const alarms = new AlarmSink(parts.platform);
  const { workflow } = parts.graph;
  const age = (queue: IQueue) => queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: "Maximum" });
  alarms.add(scope, "DeadLettersStay", {
    metric: age(queues.dead),
    description: `Messages of '${workflow}' came to nothing, and control cannot settle their steps either`,
    above: DEAD_FOR.toSeconds(),
  });
  alarms.add(scope, "Buried", {
    metric: buried(scope, parts),
    description: `Messages of '${workflow}' can never be processed; the reasons are in the logs`,
    above: 0,
  });
  alarms.addOver(scope, "Waiting", {
    metrics: queues.all.map(age),
    with: "MAX",
    description: `Messages of '${workflow}' wait for too long: a node fails, or needs more concurrency`,
    above: WAITING_FOR.toSeconds(),
  });
  alarms.addOver(scope, "Broken", {
    metrics: functions.map(({ function: one }) => one.metricErrors({ period: PERIOD, statistic: "Sum" })),
    with: "SUM",
    description: `Functions of '${workflow}' cannot start, run out of time or memory, or end their process`,
    above: 0,
  });
}

/** Counted from the logs of all functions as one metric, which costs nothing while there is none. */
function buried(scope: Construct, { platform, graph, functions }: WorkflowParts): Metric {
  const of = { metricNamespace: `Pawl/${platform.name}`, metricName: `${graph.workflow}-buried` };
  for (const { logGroup, node } of functions)
    new MetricFilter(scope, `BuriedBy${node.id}`, {
      logGroup,
      ...of,
      filterPattern: FilterPattern.stringValue("$.message", "=", BURIED),
      metricValue: "1",
    });
  return new Metric({ namespace: of.metricNamespace, metricName: of.metricName, statistic: "Sum", period: PERIOD });
}
