/** A state machine on the real engine, in memory, in virtual time: what Step Functions would say of the execution. */
import { randomUUID } from "node:crypto";
import { statesApart } from "../asl/distributed.ts";
import { statesEntered } from "../asl/entered.ts";
import { errorOutputOf } from "../asl/errors.ts";
import type { AslWorkflow } from "../asl/index.ts";
import type { Header, LogRecord } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import { type HandlerMap, InProcessHandlers } from "../node/in-process.ts";
import { handOutForTests } from "./test-step.ts";
import { virtualEngine } from "./virtual-engine.ts";

export interface DefinitionRun {
  readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** Names of states, those of branches and items one branch after the other. */
  readonly statesEntered: readonly string[];
  readonly lambdaCalls: number;
}

/** @param s3 a folder that stands for Amazon S3. @throws PawlError `still_running`, `payload_too_large` */
export async function runDefinition(
  { program, definition }: AslWorkflow,
  handlers: HandlerMap,
  input: Json,
  s3?: string,
): Promise<DefinitionRun> {
  const here = new InProcessHandlers(() => undefined, handOutForTests);
  here.add(program, handlers);
  const { engine, store, end } = await virtualEngine([program], { handlers: here, s3 });
  const name = { workflow: program.graph.workflow, id: randomUUID() };
  await engine.start(name.workflow, { id: name.id, input });
  const { status, error } = await end(name);
  const execution = `${name.workflow}/${name.id}`;
  const { output } = await engine.show(name);
  const lambdaCalls = (store.happenings.get(execution) ?? []).filter(({ kind }) => kind === "attempt").length;
  const ended = { status, ...(error && { error }), ...(output !== undefined && { output }) };
  return { ...asStateMachine({ program, definition }, ended, store.records(execution)), lambdaCalls };
}

type Ended = Pick<Header, "status" | "error"> & { readonly output?: Json };

/** What Step Functions would say of an execution that has ended. */
export function asStateMachine(
  { program, definition }: Pick<AslWorkflow, "program" | "definition">,
  { status, error, output }: Ended,
  records: ReadonlyMap<string, LogRecord>,
): Omit<DefinitionRun, "lambdaCalls"> {
  const tells = { statesEntered: statesEntered(program.graph.root, records, statesApart(definition)) };
  if (status === "succeeded") return { status: "SUCCEEDED", ...(output !== undefined && { output }), ...tells };
  if (error?.code === "timeout" && error.path === "") return { status: "TIMED_OUT", ...tells };
  const told = error && errorOutputOf(error);
  return {
    status: status === "cancelled" ? "ABORTED" : "FAILED",
    ...(told?.Error !== undefined && { error: told.Error }),
    ...(told?.Cause !== undefined && { cause: told.Cause }),
    ...tells,
  };
}
