/** A child ends before its parent does, and is one for each call. */
import { hasEnded } from "./headers.ts";
import { Violation } from "./violation.ts";
import type { Parts } from "./work.ts";

/** The parent has just ended. */
export function checkCalls({ name, executions }: Parts): void {
  const children = executions.all().filter(({ parent }) => parent?.name === name);
  const places = new Set<string>();
  for (const { name: child, parent, log } of children) {
    const place = parent?.place ?? "";
    if (log.headers.current && places.has(place)) throw new Violation(`the call at ${place} has two children`);
    if (log.headers.current) places.add(place);
    if (log.headers.current && !hasEnded(log.headers.current))
      throw new Violation(`${name} ended before its child ${child}, which is ${log.headers.current.status}`);
  }
}

/** The call's decision says what became of the child. */
export function checkChild({ name, parent, log, executions }: Parts): void {
  if (!parent) return;
  const succeeded = log.headers.current?.status === "succeeded";
  const call = executions.at(parent.name).log.decisions.get(parent.place);
  if (!call) throw new Violation(`${name} has ended, and nobody has told its parent`);
  if (!call.closed && (call.child?.name !== name || call.child.succeeded !== succeeded))
    throw new Violation(
      `${parent.place} says ${JSON.stringify(call.child)}, and ${name} has ${log.headers.current?.status}`,
    );
}
