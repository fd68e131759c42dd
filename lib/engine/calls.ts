/** Executions of other workflows that a state calls, and the way back. */

import type { Caller } from "../contract/envelope.ts";
import { controlQueue, type ExecutionName, parseExecution, printExecution } from "../contract/ids.ts";
import { decideKey, type EffectOf, type Header, hasEnded, START_KEY } from "../kernel/record.ts";
import { valueAt, valueRef } from "../kernel/ref.ts";
import type { OutMessage } from "../ports/transport.ts";
import { type Invocation, WHOLE, type Whole } from "./context.ts";
import { childId, decideAfter, decideFailed, Values } from "./decide.ts";
import { earlierDecision, goOnAt, goOnWith } from "./go-on.ts";
import { outputOf } from "./inspect.ts";
import { addressOf } from "./messages.ts";

export const MOST_DEPTH = 32;

export async function placeCall(inv: Invocation, effect: EffectOf<"call">, again: boolean): Promise<Whole> {
  const { path, bind, detached } = effect;
  const key = decideKey(path);
  const standing = again && detached === undefined ? await inv.log.read(inv.execution, key) : undefined;
  if (standing?.kind === "decision") return goOnAt(inv, path, () => decideAfter(inv, { key }, path, bind));
  const earlier = detached === undefined ? await earlierDecision(inv, key) : undefined;
  if (earlier?.output !== undefined) return goOnWith(inv, effect, earlier.output);
  await inv.context.transport.send([await startOfChild(inv, effect)]);
  return WHOLE;
}

/** Sent again, it starts nothing new; a child that has ended tells so again. */
export async function startOfChild(inv: Invocation, effect: EffectOf<"call">): Promise<OutMessage> {
  const { path, workflow, detached, bind } = effect;
  const { v, ...of } = addressOf(inv);
  const input = (await new Values(inv).load(effect.input)) ?? null;
  const depth = ((await inv.header())?.parent?.depth ?? 0) + 1;
  const execution = printExecution(inv.execution);
  return {
    queue: controlQueue(workflow),
    envelope: {
      kind: "start",
      v,
      workflow,
      id: detached ?? childId(inv, path),
      trigger: { kind: "call", execution, path },
      input,
      ...(detached === undefined && { caller: { v, ...of, path, bind, depth } }),
    },
  };
}

/** Tells whoever waits that the execution has ended. Said twice, it is heard once. */
export async function tellParent(inv: Invocation, header: Header): Promise<void> {
  if (!header.parent || !hasEnded(header)) return;
  const start = await inv.context.log.read(inv.execution, START_KEY);
  const caller = valueAt(CALLER, start) as unknown as Caller | undefined;
  if (caller) await inv.context.transport.send([returnedMessage(caller, inv.execution)]);
}

/** Where the start of a called execution keeps whom it is to tell. */
export const CALLER_NAME = "#caller";
const CALLER = valueRef(START_KEY, CALLER_NAME);

export const returnedMessage = (caller: Caller, child: ExecutionName, refused?: string): OutMessage => ({
  queue: controlQueue(caller.workflow),
  envelope: (({ depth: _, ...of }) => ({
    kind: "returned" as const,
    ...of,
    child: printExecution(child),
    ...(refused !== undefined && { refused }),
  }))(caller),
});

/** The child has ended, or was refused: the call decides. */
export async function comeBack(
  inv: Invocation,
  { path, bind }: Pick<EffectOf<"call">, "path" | "bind">,
  of: { readonly child: string; readonly refused?: string | undefined },
): Promise<Whole> {
  const child = parseExecution(of.child);
  if (child.id !== childId(inv, path)) return WHOLE; // a redrive has another one
  if (of.refused !== undefined) return failedWith(inv, { path, bind }, { code: "invalid_input", message: of.refused });
  const { log } = inv.context;
  const header = await log.header(child);
  if (!header || !hasEnded(header)) return WHOLE; // redriven since: it will tell again
  if (header.status !== "succeeded") {
    const { code, message, data } = header.error ?? { code: header.status, message: `${of.child} ${header.status}` };
    return failedWith(inv, { path, bind }, { code, message, ...(data !== undefined && { data }) });
  }
  const output = (await outputOf(log, header)) ?? null;
  return goOnWith(inv, { path, bind }, output);
}

const failedWith = (
  inv: Invocation,
  { path, bind }: Pick<EffectOf<"call">, "path" | "bind">,
  error: Omit<NonNullable<Header["error"]>, "path">,
): Promise<Whole> => goOnAt(inv, path, (key) => decideFailed(inv, { key }, { ...error, path }, bind));
