import { NestedStack } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { IFunctionUrl } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { controlQueue, nodeQueue } from "../contract/ids.ts";
import { PawlError } from "../errors.ts";
import { handsOut } from "../model/graph.ts";
import { type Program, servedBy } from "../model/program.ts";
import { answersCallbacks, type Reach, reachOf } from "../model/reach.ts";
import { bundleLambdas, type LambdaBundle } from "../project/bundle-lambdas.ts";
import { CALLBACK_ENTRY, CONTROL_ENTRY } from "../project/lambda-entries.ts";
import { CallbackFunction } from "./callback-function.ts";
import { askFor } from "./concurrency.ts";
import { settingsOfCallbacks, settingsOfControl, settingsOfNode, type WorkflowSettings } from "./function-settings.ts";
import { codeOf } from "./lambda-code.ts";
import { NodeFunctions } from "./node-functions.ts";
import type { Platform } from "./platform.ts";
import { QueueFunction } from "./queue-function.ts";
import { grantReturns } from "./returns.ts";
import { tellCost } from "./tell-cost.ts";
import { tellVersions } from "./tell-versions.ts";
import { workflowAlarms } from "./workflow-alarms.ts";
import { CONTROL_TIMEOUT, nodeTimeout, WorkflowQueues } from "./workflow-queues.ts";
import { workflowSchedule } from "./workflow-schedule.ts";
import { sourceOf, type WorkflowSource } from "./workflow-source.ts";

export interface WorkflowFunctionsProps extends WorkflowSettings {
  readonly platform: Platform;
  /** What `workflow.ts` in the code's folder exports. */
  readonly workflow: { readonly program: Program };
  /** The workflow's folder, from the working directory on: each node's handler is in `<node in kebab-case>.ts`. */
  readonly code: string;
  /**
   * The folder of the committed graphs, `<workflow>.json` in it, from the working directory on; `pawl check --update`
   * writes them. Default `graphs`. What executions on them still come to is deployed as well.
   */
  readonly graphs?: string;
  /** Workflows of other CDK apps that call this one; those of the same app and platform are known. Default none. */
  readonly calledBy?: readonly string[];
}

/**
 * A workflow, deployed: one function and queue for each of its nodes, one control function and queue, one queue for
 * messages that came to nothing, and the rule for its trigger; a nested stack of its own. Not a construct itself, whose
 * `node` is another thing.
 *
 * What a function may do and what its bundle holds is worked out from the graph: it sends to the queues of nodes that may
 * follow, emits what may be emitted, and takes along the handlers of inline nodes that may run in it.
 *
 * @example
 * const orders = new WorkflowFunctions(stack, "Order", { platform, workflow: order, code: "functions/order" });
 * ledger.grantWriteData(orders.node(charge));
 *
 * @throws PawlError with everything that is wrong, one by one in `detail.problems`: `invalid_workflow`,
 *   `incompatible_version`, `handlers_mismatch`, `invalid_handler`, `usage`; `build_failed` when the code does not build
 */
export class WorkflowFunctions {
  /** The nested stack with all of it. */
  readonly stack: NestedStack;
  /** Starts executions, ends them, looks after dead letters. */
  readonly control: NodeFunctions;
  readonly #props: WorkflowFunctionsProps;
  readonly #source: WorkflowSource;
  readonly #queues: WorkflowQueues;
  readonly #bundles: ReadonlyMap<string, LambdaBundle>;
  readonly #nodes: ReadonlyMap<string, NodeFunctions>;
  #callbacks: CallbackFunction | undefined;

  constructor(scope: Construct, id: string, props: WorkflowFunctionsProps) {
    const { platform, workflow } = props;
    const { program } = workflow;
    this.stack = new NestedStack(scope, id, {
      description: `The workflow '${program.graph.workflow}' of the platform '${platform.name}'`,
    });
    this.#props = props;
    this.#source = sourceOf(program, props);
    const { graph } = this.#source;
    tellVersions(this.stack, this.#source.versions);
    tellCost(this.stack, program, props);
    this.stack.node.addDependency(platform); // it is found by its name, which does not say that it is to be there first
    this.#bundles = this.stack.bundlingRequired
      ? bundleLambdas({ ...this.#source, servedBy: (node) => servedBy(program, node) })
      : new Map();
    this.#queues = new WorkflowQueues(this.stack, "Queues", { platform, graph });

    if (answersCallbacks(graph)) this.#callbacks = this.#callbackFunction();
    const own = new Map(Object.keys(graph.nodes).map((node) => [node, this.#nodeFunction(node)] as const));
    const control = this.#controlFunction();
    // Deployed last: what it starts is on the new graph, which the code of every node must know by then.
    for (const { function: node } of own.values()) control.function.node.addDependency(node);
    const all = [...own.values(), control];
    askFor(
      platform,
      graph.workflow,
      all.reduce((sum, { concurrency }) => sum + concurrency, this.#callbacks?.concurrency ?? 0),
    );
    this.control = new NodeFunctions(control.function, []);
    this.#nodes = new Map(
      [...own].map(([node, { function: first }]) => {
        const handler = servedBy(program, node);
        const runs = (one: QueueFunction) => one.runs.some((other) => servedBy(program, other) === handler);
        const others = all.filter((one) => one.function !== first && runs(one));
        return [
          node,
          new NodeFunctions(
            first,
            others.map((one) => one.function),
          ),
        ];
      }),
    );
    grantReturns(platform, {
      workflow: graph.workflow,
      functions: all.map((one) => one.function),
      calls: reachOf(graph, "control").calls,
      calledBy: props.calledBy ?? [],
    });
    this.#trigger();
    workflowSchedule(this.stack, { platform, graph, queues: this.#queues });
    workflowAlarms(this.stack, { platform, graph, functions: all, queues: this.#queues });
  }

  /** Where callbacks are answered, if a node hands some out: to put a domain or a firewall before it. */
  get callbackUrl(): IFunctionUrl | undefined {
    return this.#callbacks?.url;
  }

  /**
   * The functions that run a node's handler, for grants, variables and whatever else they need.
   *
   * @throws PawlError `usage` when the workflow has no such node
   */
  node(node: string | { readonly node: string }): NodeFunctions {
    const name = typeof node === "string" ? node : node.node;
    const functions = this.#nodes.get(name);
    if (functions) return functions;
    const { workflow, nodes } = this.#source.graph;
    const known = Object.keys(nodes).join(", ");
    throw new PawlError("usage", `workflow '${workflow}' has no node '${name}'; it has ${known}`, { node: name });
  }

  #callbackFunction(): CallbackFunction {
    const { platform } = this.#props;
    const { graph } = this.#source;
    return new CallbackFunction(this.stack, "Callbacks", {
      platform,
      graph,
      controlQueue: this.#queues.control,
      settings: settingsOfCallbacks(this.#props),
      code: codeOf(this.#bundles.get(CALLBACK_ENTRY), this.#source.folder, `${graph.workflow}_callbacks`),
    });
  }

  #nodeFunction(node: string): QueueFunction {
    const { graph } = this.#source;
    const reach = reachOf(graph, { node });
    return this.#function(`Node-${node}`, {
      name: nodeQueue(graph.workflow, node),
      entry: node,
      runs: [...new Set([node, ...reach.inline])],
      reach,
      control: false,
    });
  }

  #controlFunction(): QueueFunction {
    const { graph } = this.#source;
    const reach = reachOf(graph, "control");
    const name = controlQueue(graph.workflow);
    return this.#function("Control", { name, entry: CONTROL_ENTRY, runs: reach.inline, reach, control: true });
  }

  #function(id: string, of: FunctionOf): QueueFunction {
    const { platform } = this.#props;
    const { graph } = this.#source;
    const queues = this.#queues;
    return new QueueFunction(this.stack, id, {
      ...of,
      platform,
      graph,
      // A dead letter may be of any node.
      retries: of.control ? Object.keys(graph.nodes) : of.runs,
      receives: of.control ? [queues.control, queues.dead] : [queues.of(of.entry)],
      sends: [...of.reach.queued.map((node) => queues.of(node)), queues.control],
      controlQueue: queues.control,
      callbacks: of.runs.some((node) => handsOut(graph, node)) ? this.#callbacks : undefined,
      timeout: of.control ? CONTROL_TIMEOUT : nodeTimeout(graph, of.entry),
      settings: of.control ? settingsOfControl(this.#props) : settingsOfNode(this.#props, of.entry),
      handler: `${of.entry}.handler`,
      code: codeOf(this.#bundles.get(of.entry), this.#source.folder, of.name),
    });
  }

  /** An event of the bus goes to the control queue as it is; one that cannot be delivered becomes a dead letter. */
  #trigger(): void {
    const { platform, workflow } = this.#props;
    const event = workflow.program.graph.trigger?.event;
    if (!event) return;
    const { control, dead } = this.#queues;
    new Rule(this.stack, "Trigger", {
      eventBus: platform.bus,
      eventPattern: { source: [event.source], detailType: [event.type] },
      targets: [new SqsQueue(control, { deadLetterQueue: dead })],
    });
  }
}

interface FunctionOf {
  /** `order.charge` */
  readonly name: string;
  readonly entry: string;
  /** Nodes whose handlers are in it. */
  readonly runs: readonly string[];
  readonly reach: Reach;
  readonly control: boolean;
}
