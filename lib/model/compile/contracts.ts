/** The contracts that a workflow uses, each once, and what the graph says of them. */
import { z } from "zod";
import { isStepCode } from "../../errors.ts";
import type { EventContract, Node, SignalContract, WorkflowContract } from "../contracts.ts";
import { type CallSpec, type EventSpec, eventKey, type NodeSpec, type RetrySpec, type SignalSpec } from "../graph.ts";
import type { JsonSchema } from "../json.ts";
import { EVENT_SOURCE, EVENT_TYPE } from "../name.ts";
import { attemptOf } from "./attempt.ts";
import type { Problems } from "./problems.ts";
import { inOrder } from "./schema-order.ts";

const LONGEST_DELAY_MS = 24 * 60 * 60_000;

export class Contracts {
  readonly nodes: Record<string, Node> = {};
  readonly nodeSpecs: Record<string, NodeSpec> = {};
  readonly events: Record<string, EventContract> = {};
  readonly eventSpecs: Record<string, EventSpec> = {};
  readonly signals: Record<string, SignalContract> = {};
  readonly signalSpecs: Record<string, SignalSpec> = {};
  readonly calls: Record<string, WorkflowContract> = {};
  readonly callSpecs: Record<string, CallSpec> = {};
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  node(path: string, node: Node): NodeSpec {
    const known = this.nodes[node.node];
    const spec = this.nodeSpecs[node.node];
    if (known && spec) {
      // `.as` makes a new value of the same contract.
      const parts = ["input", "output", "errors", "callbacks", "options"] as const;
      if (parts.some((part) => known[part] !== node[part]))
        this.#problems.add(path, `two nodes are named '${node.node}': a name stands for one contract`);
      return spec;
    }
    this.#problems.name(path, "the node name", node.node);
    for (const code of node.errors) this.#problems.code(path, code);
    this.nodes[node.node] = node;
    const made = this.#nodeSpec(path, node);
    this.nodeSpecs[node.node] = made;
    return made;
  }

  #nodeSpec(path: string, node: Node): NodeSpec {
    const { inline = false, repeatable = false, timeout = "30 seconds", heartbeat } = node.options;
    const { timeoutMs = 0, heartbeatMs } = attemptOf(this.#problems, path, {
      timeout,
      ...(heartbeat && { heartbeat }),
    });
    return {
      name: node.node,
      input: this.schema(node.input, path, "input"),
      output: node.output ? this.schema(node.output, path, "output") : { type: "null" },
      errors: node.errors.toSorted(),
      ...(node.callbacks.length > 0 && { callbacks: node.callbacks.map(({ signal }) => signal).toSorted() }),
      inline,
      repeatable,
      timeoutMs,
      ...(heartbeatMs !== undefined && { heartbeatMs }),
      retry: this.#retry(path, node),
    };
  }

  #retry(path: string, node: Node): RetrySpec {
    const {
      maxAttempts = 3,
      firstDelay = "1 second",
      rate = 2,
      maxDelay = "1 minute",
      jitter = true,
      on,
    } = node.options.retry ?? {};
    const problems = this.#problems;
    problems.wholeNumber(path, "retry.maxAttempts", maxAttempts, [1, 100]);
    if (!(rate >= 1 && rate <= 100)) problems.add(path, `retry.rate is a number from 1 to 100, not ${rate}`);
    const firstDelayMs = problems.duration(path, "retry.firstDelay", firstDelay);
    const maxDelayMs = problems.duration(path, "retry.maxDelay", maxDelay);
    if (maxDelayMs > LONGEST_DELAY_MS) problems.add(path, `retry.maxDelay '${maxDelay}' is above a day`);
    for (const code of on ?? [])
      if (!node.errors.includes(code) && !isStepCode(code))
        problems.add(
          path,
          `retry.on: '${code}' is neither declared by the node '${node.node}' nor one of the system's codes`,
        );
    return {
      maxAttempts,
      firstDelayMs,
      rate,
      maxDelayMs,
      ...(!jitter && { jitter: false as const }),
      ...(on && { codes: [...new Set(on)].sort() }),
    };
  }

  event(event: EventContract, path: string): EventSpec {
    const problems = this.#problems;
    const key = eventKey(event);
    const known = this.events[key];
    if (known && known.data !== event.data)
      problems.add(path, `two events are ${key}: give the changed one a new version`);
    if (!EVENT_SOURCE.test(event.source))
      problems.add(path, `the event source '${event.source}' is refused: letters, digits and . _ / - , not 'aws.'`);
    if (!EVENT_TYPE.test(event.type))
      problems.add(path, `the event type '${event.type}' is refused: at most 128 letters, digits, spaces and . _ -`);
    if (!Number.isInteger(event.version) || event.version < 1)
      problems.add(path, `an event's version is a whole number from 1, not ${event.version}`);
    this.events[key] = event;
    const data = this.schema(event.data, path, "data");
    const spec = { source: event.source, type: event.type, version: event.version, data };
    this.eventSpecs[key] = spec;
    return spec;
  }

  signal(path: string, signal: SignalContract): void {
    const name = signal.signal;
    const known = this.signals[name];
    if (known && known.data !== signal.data)
      this.#problems.add(path, `two signals are named '${name}': a name stands for one contract`);
    if (known) return;
    this.#problems.name(path, "the signal name", name);
    this.signals[name] = signal;
    this.signalSpecs[name] = { name, data: this.schema(signal.data, path, "data") };
  }

  /** Once all states are known: nobody would hear the answer to a callback for a signal that nothing waits for. */
  checkCallbacks(): void {
    for (const { node, callbacks } of Object.values(this.nodes))
      for (const { signal, data } of callbacks) {
        const known = this.signals[signal];
        if (!known) this.#problems.add(node, `hands out callbacks for '${signal}', and nothing here waits for it`);
        else if (known.data !== data)
          this.#problems.add(node, `two signals are named '${signal}': a name stands for one contract`);
      }
  }

  call(path: string, contract: WorkflowContract): void {
    const { name } = contract;
    const known = this.calls[name];
    const parts = ["input", "output", "errors"] as const;
    if (known && parts.some((part) => known[part] !== contract[part]))
      this.#problems.add(path, `two workflows are named '${name}': a name stands for one contract`);
    if (known) return;
    this.#problems.name(path, "the workflow name", name);
    for (const code of contract.errors) this.#problems.code(path, code);
    this.calls[name] = contract;
    this.callSpecs[name] = {
      name,
      input: this.schema(contract.input, path, "input"),
      output: contract.output ? this.schema(contract.output, path, "output") : { type: "null" },
      errors: contract.errors.toSorted(),
    };
  }

  schema(schema: z.ZodType, path: string, what: string): JsonSchema {
    try {
      return inOrder(z.toJSONSchema(schema, { io: "input" }) as JsonSchema);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#problems.add(path, `the ${what} schema does not describe JSON: ${why}`);
      return {};
    }
  }
}
