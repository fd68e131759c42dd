/** What a function makes once per container, before its first message: clients, schemas, the program, handlers. */
import type { AwsOptions } from "../adapters/aws/client-config.ts";
import { type FunctionPorts, openFunctionPorts } from "../adapters/aws/function-ports.ts";
import { once } from "../adapters/aws/once.ts";
import { systemClock } from "../adapters/system-clock.ts";
import type { HandOut } from "../contract/callback.ts";
import { type Environment, parseEnvironment } from "../contract/environment.ts";
import { payloadBytesOf } from "../contract/limits.ts";
import { type Context, DEFAULT_LIMITS } from "../engine/context.ts";
import { Generations } from "../engine/generation-log.ts";
import { Programs } from "../engine/programs.ts";
import type { Program } from "../model/program.ts";
import type { HandlerMap } from "../node/in-process.ts";
import { BundledHandlers } from "./handlers.ts";
import { newLogger } from "./logger.ts";

/** Where a function runs. */
export interface Deployment {
  readonly environment: Environment;
  readonly aws?: AwsOptions;
}

/** @throws PawlError `usage` when this is no deployed function's environment */
export const deployed = (): Deployment => ({ environment: parseEnvironment(process.env) });

export interface FunctionParts {
  readonly program: Program;
  readonly handlers: HandlerMap;
  /** `order` or `order.charge` */
  readonly queue: string;
}

export interface Container extends Pick<FunctionParts, "program" | "queue"> {
  readonly environment: Environment;
  readonly ports: FunctionPorts;
  readonly logger: ReturnType<typeof newLogger>;
  /** For one invocation. */
  readonly contextUntil: (deadlineMs: number) => Context;
}

/** A value of this size or less travels with the message: a read more would cost more than its bytes. */
const CARRY_BYTES = 32 * 1024;

/** Most nodes hand out none, and load nothing for it. */
function lazyHandOut({ callbackUrl = "" }: Environment, { callbackKeys }: FunctionPorts): HandOut {
  const handOut = once(async () => {
    const { issueCallbacks } = await import("../security/issue-callbacks.ts");
    return issueCallbacks(callbackKeys, () => callbackUrl);
  });
  return async (callback) => (await handOut())(callback);
}

export function openContainer(parts: FunctionParts, { environment, aws }: Deployment): Container {
  const { program, queue } = parts;
  const logger = newLogger(queue);
  const ports = openFunctionPorts(environment, aws);
  const programs = new Programs(ports.log);
  programs.add(program);
  const context = {
    ...{ log: ports.log, transport: ports.transport, bus: ports.bus, clock: systemClock, programs },
    objects: ports.objects,
    generations: new Generations(ports.log),
    handlers: new BundledHandlers(program, parts.handlers, { logger, handOut: lazyHandOut(environment, ports) }),
    limits: {
      ...DEFAULT_LIMITS,
      skewMs: environment.clockMarginMs,
      carryBytes: CARRY_BYTES,
      payloadBytes: payloadBytesOf(environment.payloadLimitMiB),
    },
    ended: () => {},
  };
  return {
    ...{ program, queue, environment, ports, logger },
    contextUntil: (deadlineMs) => ({ ...context, deadlineMs: () => deadlineMs }),
  };
}
