/** Ids derived from what they stand for, so that doing something again does it under the same id. */
import { createHash } from "node:crypto";
import { PawlError } from "../errors.ts";
import { EXECUTION_ID, EXECUTION_ID_RULE, NAME } from "../model/name.ts";

export interface ExecutionName {
  readonly workflow: string;
  readonly id: string;
}

/** An execution whose records go all at once: `expiresAt` stands in its header, in seconds since 1970. */
export interface Execution extends ExecutionName {
  readonly expiresAt: number;
}

/** `order/1042`. */
export const printExecution = (name: ExecutionName): string => `${name.workflow}/${name.id}`;

/** @throws PawlError `invalid_id` */
export function parseExecution(text: string): ExecutionName {
  const slash = text.indexOf("/");
  const workflow = text.slice(0, slash);
  if (slash < 0 || !NAME.test(workflow))
    throw new PawlError("invalid_id", `'${text}' names no execution: write WORKFLOW/ID, as in order/1042`, {
      value: text,
    });
  return { workflow, id: checkExecutionId(text.slice(slash + 1)) };
}

/** @throws PawlError `invalid_id` */
export function checkExecutionId(id: string): string {
  if (typeof id === "string" && EXECUTION_ID.test(id)) return id;
  throw new PawlError("invalid_id", `the execution id ${JSON.stringify(id)} is refused: ${EXECUTION_ID_RULE}`, {
    value: id,
  });
}

/** Where the outputs of a map's items lie: `order/1042#pack`. */
export const printResults = (name: ExecutionName, path: string): string => `${printExecution(name)}#${path}`;

export interface Origin {
  readonly execution: string;
  readonly path: string;
  readonly epoch: number;
}

/** The same on every attempt of a step. 40 hex digits, which every gateway's idempotency key has room for. */
export const idempotencyKey = (of: Origin): string => digest(`${of.execution}\n${of.path}\n${of.epoch}`);

/** The CloudEvents id of an event that a state emits. */
export const emittedEventId = (of: Origin): string => digest(`event\n${of.execution}\n${of.path}\n${of.epoch}`);

/** The id of an execution that another one's state calls. @param of the place of the state's decision */
export const calledId = (of: { readonly execution: string; readonly place: string }): string =>
  digest(`call\n${of.execution}\n${of.place}`);
/** Which event started an execution, where a key alone does not say it: 16 hex digits of the event's id. */
export const eventMark = (eventId: string): string => digest(`mark\n${eventId}`).slice(0, 16);
export const markedId = (key: string, mark: string): string => `${key}:${mark}`;
/** The partition of a key's record. No execution's id begins so. */
export const keyPartition = (workflow: string, key: string): ExecutionName => ({ workflow, id: `~key/${key}` });
/** The same on every attempt: whom a step hands a callback to, and for which signal, is all that tells them apart. */
export const callbackId = (of: Origin & { readonly signal: string; readonly subject: string }): string =>
  digest(`callback\n${of.execution}\n${of.path}\n${of.epoch}\n${of.signal}\n${of.subject}`);

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 40);

export const controlQueue = (workflow: string): string => workflow;
export const nodeQueue = (workflow: string, node: string): string => `${workflow}.${node}`;
