/** What a handler asks a callback for, checked. */
import {
  type Callback,
  type CallbackAnswers,
  LONGEST_CALLBACK_MS,
  MOST_ANSWER_WORD,
  MOST_ANSWERS,
  MOST_SUBJECT,
} from "../contract/callback.ts";
import { callbackId } from "../contract/ids.ts";
import type { Node, SignalContract } from "../model/contracts.ts";
import { durationMs } from "../model/duration.ts";
import { notJson, toJson } from "../model/json.ts";
import type { StepInfo } from "../ports/handlers.ts";
import type { CallbackOptions } from "./implement.ts";

export interface AskedCallback {
  readonly callback: Omit<Callback, "expiresAtMs">;
  readonly expiresMs: number;
}

/** @throws TypeError */
export function callbackOf(
  { node, step }: { readonly node: Node; readonly step: StepInfo },
  { signal }: SignalContract,
  { for: subject, answers, expires = "7 days" }: CallbackOptions,
): AskedCallback {
  if (!node.callbacks.some((declared) => declared.signal === signal))
    throw new TypeError(`callback(${signal}) is not declared: write callbacks: [${signal}] in the node '${node.node}'`);
  if (typeof subject !== "string" || subject.length < 1 || subject.length > MOST_SUBJECT)
    throw new TypeError(`callback(${signal}) is for somebody: \`for\` has 1 to ${MOST_SUBJECT} characters`);
  const expiresMs = durationMs(expires) ?? 0;
  if (expiresMs < 1_000 || expiresMs > LONGEST_CALLBACK_MS)
    throw new TypeError(`callback(${signal}) expires after 1 second to 366 days, not '${expires}'`);
  const { execution, path, epoch } = step;
  const id = callbackId({ execution, path, epoch, signal, subject });
  return { callback: { id, execution, path, signal, subject, ...allowed(signal, answers) }, expiresMs };
}

function allowed(signal: string, answers: object | undefined): { readonly answers?: CallbackAnswers } {
  if (answers === undefined) return {};
  const json = toJson(answers);
  if (!json.ok) throw new TypeError(notJson(`callback(${signal}): answers`, json));
  const words = Object.keys(answers);
  if (words.length < 1 || words.length > MOST_ANSWERS || words.some((it) => it === "" || it.length > MOST_ANSWER_WORD))
    throw new TypeError(
      `callback(${signal}) has 1 to ${MOST_ANSWERS} answers, each under a word of 1 to ${MOST_ANSWER_WORD} characters`,
    );
  return { answers: json.value as CallbackAnswers }; // an object's copy is one
}
