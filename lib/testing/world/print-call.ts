/** A call of the step log, and what came of it, in a few words of a timeline. */
import type { StepLog } from "../../ports/step-log.ts";

/** Which record the call is about. */
export function subjectOf(name: keyof StepLog, [first, second, third]: readonly unknown[]): string {
  if (name === "putGraph" || name === "graph") return String(first).slice(0, 8);
  if (name === "mail" && isObject(third)) return `${String(second)}: ${String(third.kind)}`;
  if (typeof second === "string") return second;
  if (name === "arrive" && isObject(second)) return `${String(second.key)} member ${String(second.member)}`;
  if (name === "turn" && isObject(second)) return `to ${String(second.to)}`;
  return "";
}

export function outcomeOfCall(result: unknown): string | undefined {
  if (result === undefined) return undefined;
  if (typeof result === "boolean") return result ? "full" : "not full yet";
  if (result instanceof Map) return `${result.size} records`;
  if (!isObject(result)) return undefined;
  if (result.mine !== undefined) return result.mine ? "decided" : "was decided already";
  if (result.kind === "header") return String(result.status);
  if (result.kind === "held") return "held by another";
  if (result.kind === "error") return `${String(result.code)}: ${String(result.message)}`;
  if (result.kind === "step") return String(result.status);
  return typeof result.kind === "string" ? result.kind : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
