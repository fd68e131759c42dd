/** A function behind a queue: what is alike for a node's and for control. */
import { type Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  type Code,
  EventSourceMapping,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { functionName } from "../contract/names.ts";
import { acceptWildcards } from "./accepted.ts";
import type { CallbackFunction } from "./callback-function.ts";
import { environmentOf } from "./function-environment.ts";
import type { Settings } from "./function-settings.ts";
import { type FunctionDuty, permissionsOf, wildcardsOf } from "./permissions.ts";

export interface QueueFunctionProps extends Omit<FunctionDuty, "logGroup" | "callbackSecret"> {
  /** `order` or `order.charge`, as the workflow names the queue. */
  readonly name: string;
  /** Nodes whose handlers are in its code. */
  readonly runs: readonly string[];
  readonly code: Code;
  readonly handler: string;
  readonly timeout: Duration;
  readonly settings: Settings;
  /** Its queue in AWS, for what all queues' urls and ARNs begin with. */
  readonly controlQueue: IQueue;
  /** If a node that runs in it hands some out. */
  readonly callbacks?: CallbackFunction | undefined;
}

/** For dead letters, which are few. */
const LEAST_CONCURRENCY = 2;

export class QueueFunction extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly runs: readonly string[];
  /** How many of it run at once at most. */
  readonly concurrency: number;

  constructor(scope: Construct, id: string, props: QueueFunctionProps) {
    super(scope, id);
    const { platform, settings } = props;
    this.runs = props.runs;
    const name = functionName(platform.name, props.name);
    this.logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${name}`,
      retention: settings.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new LambdaFunction(this, "Function", {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      architecture: settings.architecture,
      memorySize: settings.memorySize,
      timeout: props.timeout,
      code: props.code,
      handler: props.handler,
      role: this.#role({ ...props, logGroup: this.logGroup, callbackSecret: props.callbacks?.secret }),
      logGroup: this.logGroup,
      // Lambda stops a chain of about 16 invocations otherwise, which a long workflow is; bounds of our own replace it.
      recursiveLoop: RecursiveLoop.ALLOW,
      environment: { ...settings.environment, ...environmentOf({ ...props, ...props.callbacks?.forHandingOut }) },
    });
    const [own, ...dead] = props.receives;
    if (own) this.#receive(own, settings.concurrency);
    for (const queue of dead) this.#receive(queue, LEAST_CONCURRENCY);
    this.concurrency = settings.concurrency + dead.length * LEAST_CONCURRENCY;
  }

  /** Its own, so that what it may do follows from its place in the graph. Within it, so that nothing waits for a policy. */
  #role(duty: FunctionDuty): Role {
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Workflow: new PolicyDocument({ statements: permissionsOf(duty) }) },
    });
    acceptWildcards(role, wildcardsOf(duty), "an execution's payloads and a message's schedule are named at run time");
    return role;
  }

  /** At most this many at once: a slow node does not take the account's functions from the others. */
  #receive(queue: IQueue, concurrency: number): void {
    new EventSourceMapping(this, `From${queue.node.id}`, {
      target: this.function,
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      maxConcurrency: concurrency,
      reportBatchItemFailures: true,
    });
  }
}
