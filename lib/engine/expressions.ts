/** Expressions of a graph are evaluated by its program's dialect, which sees what the kernel tells and who is at work. */
import { printExecution } from "../contract/ids.ts";
import type { Answer, Asked } from "../kernel/expression.ts";
import { ExpressionError } from "../model/expression.ts";
import { type Json, notJson, toJson } from "../model/json.ts";
import type { Clock } from "../ports/clock.ts";
import type { Context, Invocation } from "./context.ts";

/** Who asks: a decision that is being made, or made once more. */
type Asker = Pick<Invocation, "program" | "execution" | "generation" | "header"> & {
  readonly context: Pick<Context, "objects"> & {
    readonly clock: Pick<Clock, "now">;
    readonly limits: Pick<Context["limits"], "payloadBytes">;
  };
};

export async function answerTo(inv: Asker, { expression, seen }: Asked): Promise<Answer> {
  const { dialect } = inv.program;
  if (!dialect) return threw("slot_failed", `the code at hand evaluates no expressions in ${expression.language}`);
  try {
    const context = await contextOf(inv, seen.context);
    const { objects, limits } = inv.context;
    const outside = { objects, mostBytes: limits.payloadBytes };
    const json = toJson(await dialect.evaluate(expression, { ...seen, context }, outside));
    return json.ok ? { kind: "value", value: json.value } : threw("slot_failed", notJson("the result", json));
  } catch (error) {
    if (error instanceof ExpressionError) return threw(error.code, error.message);
    throw error;
  }
}

const threw = (code: string, message: string): Answer => ({ kind: "threw", code, message });

/** Amazon States Language, "Context object"; with the names that this engine has for things. */
async function contextOf(inv: Asker, known: Json): Promise<Json> {
  const { Execution, ...more } = known as Readonly<Record<string, Json>>; // an object, as the kernel makes it
  if (Execution === undefined) return known;
  const header = await inv.header();
  const { workflow, id } = inv.execution;
  const started = new Date(header?.startedAtMs ?? inv.context.clock.now()).toISOString();
  return {
    ...more,
    Execution: {
      ...(Execution as Readonly<Record<string, Json>>),
      ...{ Id: printExecution(inv.execution), Name: id, RedriveCount: inv.generation.epoch, RoleArn: workflow },
      StartTime: started,
    },
    StateMachine: { Id: workflow, Name: workflow },
  };
}
