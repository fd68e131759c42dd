/** How alarms are made and whom they tell. A stand-in for AWS has none over several metrics. */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  type Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

export const PERIOD = Duration.minutes(5);
/** "Using metric math": an alarm looks at so many metrics. */
const MOST_METRICS = 10;

export interface AlarmOf {
  readonly description: string;
  /** In alarm above this, in one period. */
  readonly above: number;
}

export class AlarmSink {
  readonly #topic: ITopic | undefined;
  readonly #standIn: boolean;

  constructor({ alarmTopic, standIn }: { readonly alarmTopic: ITopic | undefined; readonly standIn: boolean }) {
    this.#topic = alarmTopic;
    this.#standIn = standIn;
  }

  add(scope: Construct, id: string, { metric, description, above }: AlarmOf & { readonly metric: IMetric }): void {
    const alarm = new Alarm(scope, id, {
      metric,
      alarmDescription: description,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: above,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.#topic) alarm.addAlarmAction(new SnsAction(this.#topic));
  }

  /** One alarm for all, or for each ten: a metric in an alarm costs as much as an alarm, but one is easier to read. */
  addOver(
    scope: Construct,
    id: string,
    of: AlarmOf & { readonly metrics: readonly Metric[]; with: "SUM" | "MAX" },
  ): void {
    if (this.#standIn) return;
    for (let i = 0; i < of.metrics.length; i += MOST_METRICS) {
      const some = of.metrics.slice(i, i + MOST_METRICS);
      const usingMetrics = Object.fromEntries(some.map((metric, n) => [`m${n}`, metric]));
      const expression = `${of.with}([${Object.keys(usingMetrics).join(", ")}])`;
      const metric = new MathExpression({ expression, usingMetrics, period: PERIOD, label: id });
      this.add(scope, i === 0 ? id : `${id}${i / MOST_METRICS + 1}`, { ...of, metric });
    }
  }
}
