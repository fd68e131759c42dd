/** Problems that are gathered, so that all of them are told at once and not one after each correction. */
import { isPawlError, PawlError } from "../errors.ts";

/** A problem becomes a value; what is no `PawlError` is a defect, and goes on. */
export async function caught<T>(work: () => T | Promise<T>): Promise<T | PawlError> {
  try {
    return await work();
  } catch (error) {
    if (isPawlError(error)) return error;
    throw error;
  }
}

/** The same for whoever cannot wait. */
export function caughtNow<T>(work: () => T): T | PawlError {
  try {
    return work();
  } catch (error) {
    if (isPawlError(error)) return error;
    throw error;
  }
}

/** Several problems as one error: the code is the first one's. */
export function together(problems: readonly PawlError[]): PawlError {
  const [first] = problems;
  const each = problems.map(({ code, message, detail }) => ({ code, message, detail }));
  if (!first) throw new TypeError("no problem to tell of");
  if (problems.length === 1)
    return new PawlError(first.code, first.message, { ...first.detail, problems: each }, first);
  const list = each.map(({ message }) => `- ${message.replaceAll("\n", "\n  ")}`).join("\n");
  return new PawlError(first.code, `the project has ${problems.length} problems:\n${list}`, { problems: each });
}
