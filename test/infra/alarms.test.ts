import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Deployment, type Properties, type Resource, resources, templateOf } from "./deployment.ts";

const deployed = (standIn: boolean) => {
  const deployment = new Deployment({ standIn });
  const { stack } = deployment.order();
  return { platform: templateOf(deployment.stack), workflow: templateOf(stack) };
};
const { platform, workflow } = deployed(false);
const ALARM = "AWS::CloudWatch::Alarm";
const named = (all: readonly Resource[], id: string) => all.find((alarm) => alarm.id.startsWith(id))!.Properties;
const over = (all: readonly Resource[], id: string): { metric: string; of: string[]; expression: string } => {
  const [sum, ...each] = named(all, id).Metrics;
  const metrics = each.map((one: Properties) => one.MetricStat.Metric);
  const dimension = ({ Dimensions }: { Dimensions: { Value: unknown }[] }) => JSON.stringify(Dimensions[0]?.Value);
  return { metric: metrics[0].MetricName, of: metrics.map(dimension), expression: sum.Expression };
};

describe("alarms of a platform", () => {
  const alarms = resources(platform, ALARM);

  it("are four", () => {
    expect(alarms).toHaveLength(4);
  });

  it("tell of functions that wait for each other or were stopped for calling themselves, whichever they are", () => {
    expect(named(alarms, "PlatformThrottled")).toMatchObject({
      Namespace: "AWS/Lambda",
      MetricName: "Throttles",
      Threshold: 0,
    });
    expect(named(alarms, "PlatformRecursionDropped")).toMatchObject({
      MetricName: "RecursiveInvocationsDropped",
      Threshold: 0,
    });
    for (const id of ["PlatformThrottled", "PlatformRecursionDropped"])
      expect(named(alarms, id).Dimensions).toBeUndefined();
  });

  it("tell of a delayed message that was given up", () => {
    expect(named(alarms, "PlatformDelaysDropped")).toMatchObject({
      Namespace: "AWS/Scheduler",
      MetricName: "InvocationDroppedCount",
      Dimensions: [{ Name: "ScheduleGroup", Value: "pawl-delays" }],
    });
  });

  it("tell of a step log that is slowed down", () => {
    expect(over(alarms, "PlatformLogThrottled")).toEqual({
      metric: "ReadThrottleEvents",
      of: ['"pawl-log"', '"pawl-log"'],
      expression: "SUM([m0, m1])",
    });
  });
});

describe("alarms of a workflow", () => {
  const alarms = resources(workflow, ALARM);
  const queues = resources(workflow, "AWS::SQS::Queue");
  const functions = resources(workflow, "AWS::Lambda::Function");
  const dead = queues.find(({ Properties }) => Properties.QueueName === "pawl-order_dead")!;

  it("are four", () => {
    expect(alarms).toHaveLength(4);
  });

  it("tell of a dead letter that control could not settle within 15 minutes", () => {
    expect(named(alarms, "DeadLettersStay")).toMatchObject({
      MetricName: "ApproximateAgeOfOldestMessage",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [dead.id, "QueueName"] } }],
      Threshold: 15 * 60,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "notBreaching",
    });
  });

  it("tell of a buried message, counted in the logs of all functions", () => {
    expect(named(alarms, "Buried")).toMatchObject({ Namespace: "Pawl/pawl", MetricName: "order-buried", Threshold: 0 });
    const filters = resources(workflow, "AWS::Logs::MetricFilter").map(({ Properties }) => Properties);
    expect(filters.map(({ LogGroupName }) => LogGroupName.Ref).sort()).toEqual(
      functions.map(({ Properties }) => Properties.LoggingConfig.LogGroup.Ref).sort(),
    );
    for (const { FilterPattern, MetricTransformations } of filters) {
      expect(FilterPattern).toBe('{ $.message = "buried a message" }');
      expect(MetricTransformations).toEqual([
        { MetricNamespace: "Pawl/pawl", MetricName: "order-buried", MetricValue: "1" },
      ]);
    }
  });

  it("count the line that functions write when they bury one", () => {
    expect(readFileSync("lib/lambda/batch.ts", "utf8")).toContain('logger.error("buried a message",');
  });

  it("tell of messages that wait for hours in any queue", () => {
    const { metric, of } = over(alarms, "Waiting");
    const waiting = queues.filter((queue) => queue !== dead);
    expect(metric).toBe("ApproximateAgeOfOldestMessage");
    expect(of.sort()).toEqual(waiting.map(({ id }) => JSON.stringify({ "Fn::GetAtt": [id, "QueueName"] })).sort());
    expect(named(alarms, "Waiting").Threshold).toBe(2 * 60 * 60);
  });

  it("tell of functions that break", () => {
    const { metric, of } = over(alarms, "Broken");
    expect(metric).toBe("Errors");
    expect(of.sort()).toEqual(functions.map(({ id }) => JSON.stringify({ Ref: id })).sort());
  });
});

describe("a stand-in for AWS", () => {
  const standIn = deployed(true);

  it("goes without alarms over several metrics, and has all else", () => {
    for (const which of ["platform", "workflow"] as const) {
      const all = { platform, workflow }[which].toJSON().Resources;
      const there = standIn[which].toJSON().Resources;
      const missing = Object.keys(all).filter((id) => !(id in there));
      const math = Object.keys(all).filter((id) => all[id].Properties.Metrics);
      expect(missing.sort()).toEqual(math.sort());
      expect(math).toHaveLength(which === "platform" ? 1 : 2);
      expect(Object.keys(there).filter((id) => !(id in all))).toEqual([]);
    }
  });
});
