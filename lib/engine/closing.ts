/**
 * Ending a scope early: a race whose first branch is at its end, a block that catches a failure while other branches run
 * in it. The first to leave is heard; then what is open is closed, a race's losers are undone, and only then it goes on.
 */
import { printExecution } from "../contract/ids.ts";
import { leavableScopes } from "../kernel/catch.ts";
import { decideKey, type EffectOf, wonKey } from "../kernel/record.ts";
import { closeOpen } from "./close-open.ts";
import { type Invocation, WHOLE, type Whole } from "./context.ts";
import { decideLeft } from "./decide.ts";
import { goOn } from "./go-on.ts";
import { closeMessage } from "./messages.ts";
import { undo } from "./undoing.ts";

export const leave = (inv: Invocation, { scope, how, bind }: EffectOf<"leave">): Promise<Whole> =>
  goOn(inv, wonKey(scope), async () => ({ next: [{ kind: "close", scope, how, bind }] }));

/** In the invocation at hand, and by control where something is still held. */
export async function close(inv: Invocation, effect: EffectOf<"close">): Promise<Whole> {
  const closed = await closeScope(inv, effect);
  if (closed !== "held") return closed;
  await inv.context.transport.send([closeMessage(inv, effect)]);
  return WHOLE;
}

export async function closeScope(inv: Invocation, effect: EffectOf<"close">): Promise<Whole | "held"> {
  const { scope, how } = effect;
  const { log, context } = inv;
  const key = decideKey(scope);
  const make = () => decideLeft(inv, { key }, effect);
  if ((await log.read(inv.execution, key)) !== undefined) return goOn(inv, key, make);
  context.handlers.abort(printExecution(inv.execution), scope);
  if ((await closeOpen(inv, scope)) === "held") return "held";
  if (how.kind !== "won") return goOn(inv, key, make);
  // Where a scope around it is being left as well, its plan is closed, and that one undoes what is in here and goes on.
  const undoing = await undo(inv, { scope, except: `${scope}/${how.branch}`, follows: effect });
  return undoing ?? goOn(inv, key, make);
}

/** Another has left a scope around the state: what becomes of the state leads nowhere. @param within looked for below it */
export async function isLeft(inv: Invocation, path: string, within = ""): Promise<boolean> {
  for (const scope of leavableScopes(inv.program.graph, path))
    if (scope.length > within.length && (await inv.log.read(inv.execution, wonKey(scope)))) return true;
  return false;
}
