/**
 * A process that runs a workflow's functions, and may be killed at any moment. Called from outside as Lambda does; the
 * one that is called after a death is a new one. The other end of it is `serveFunctions`.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Environment } from "../../../lib/contract/environment.ts";
import { controlQueue, nodeQueue } from "../../../lib/contract/ids.ts";
import {
  type AwsOptions,
  controlHandler,
  nodeHandler,
  type SqsFunction,
  type WorkflowValue,
} from "../../../lib/lambda/index.ts";
import type { HandlerMap } from "../../../lib/node/in-process.ts";
import { invocationContext } from "./poller.ts";

interface Call {
  readonly n: number;
  readonly queue: string;
  readonly event: SQSEvent;
  readonly untilMs: number;
}
interface Answer {
  readonly n: number;
  readonly response?: SQSBatchResponse;
  readonly threw?: string;
}
export interface Served {
  readonly environment: Environment;
  readonly aws: AwsOptions;
}

export interface FunctionProcess {
  /** The function of `order` or `order.charge`. Throws when the process ends over it. */
  at(queue: string): SqsFunction;
  readonly deaths: number;
  /** At once, as a crash does it. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** @param file one that calls `serveFunctions` */
export function functionProcess(
  file: string,
  served: Served,
  environment: Readonly<Record<string, string>>,
): FunctionProcess {
  let calls = 0;
  let deaths = 0;
  let closed = false;
  let child = start();

  function start(): ChildProcess {
    const started = fork(file, {
      env: { ...process.env, ...environment, [SERVED]: JSON.stringify(served) },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    started.setMaxListeners(0);
    started.once("exit", () => {
      if (closed) return;
      deaths++;
      child = start();
    });
    return started;
  }
  const end = async () => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const call = (message: Call): Promise<SQSBatchResponse> => {
    const called = child;
    return new Promise((resolve, reject) => {
      const done = () => {
        called.off("message", answered);
        called.off("exit", died);
      };
      const died = () => {
        done();
        reject(new Error("the process exited"));
      };
      const answered = ({ n, response, threw }: Answer) => {
        if (n !== message.n) return;
        done();
        if (response) resolve(response);
        else reject(new Error(threw));
      };
      called.on("message", answered);
      called.once("exit", died);
      called.send(message, (error) => error && died());
    });
  };
  return {
    at: (queue) => (event, context) =>
      call({ n: calls++, queue, event, untilMs: Date.now() + context.getRemainingTimeInMillis() }),
    get deaths() {
      return deaths;
    },
    kill: end,
    close: () => {
      closed = true;
      return end();
    },
  };
}
const SERVED = "TEST_SERVED";

/** In the process itself. */
export function serveFunctions({
  workflow,
  handlers,
}: {
  readonly workflow: WorkflowValue;
  readonly handlers: HandlerMap;
}): void {
  const where = JSON.parse(process.env[SERVED] ?? "") as Served; // from `start`
  const { workflow: name, nodes } = workflow.program.graph;
  const functions = new Map<string, SqsFunction>([[controlQueue(name), controlHandler({ workflow, handlers }, where)]]);
  for (const node of Object.keys(nodes))
    functions.set(nodeQueue(name, node), nodeHandler({ workflow, node, handlers }, where));
  const answer = async ({ n, queue, event, untilMs }: Call): Promise<Answer> => {
    try {
      const response = await functions.get(queue)?.(event, invocationContext(untilMs, `${queue}#${n}`));
      return response ? { n, response } : { n, threw: `no function of ${queue}` };
    } catch (error) {
      return { n, threw: String(error) };
    }
  };
  process.on("message", (call: Call) => void answer(call).then((it) => process.send?.(it)));
  process.on("disconnect", () => process.exit(1)); // the test is gone
}
