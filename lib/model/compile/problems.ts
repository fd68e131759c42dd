/** Mistakes of a workflow, collected and told at once, and the rules that most of them break. */
import { PawlError } from "../../errors.ts";
import { durationMs } from "../duration.ts";
import { NAME, NAME_RULE } from "../name.ts";

/** A code of the user's own; the system's are in snake_case. */
const CODE = /^[A-Z][A-Za-z0-9]{0,63}$/;

export class Problems {
  readonly #list: string[] = [];

  add(where: string, what: string): void {
    this.#list.push(`${where}: ${what}`);
  }

  /** @throws PawlError `invalid_workflow` when there are any */
  raise(workflow: string): void {
    const problems = this.#list;
    if (problems.length === 0) return;
    const count = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
    const lines = problems.map((p) => `  - ${p}`).join("\n");
    throw new PawlError("invalid_workflow", `workflow '${workflow}' has ${count}:\n${lines}`, { workflow, problems });
  }

  /** @param what "the name", "the node name" */
  name(where: string, what: string, name: string): boolean {
    const isFine = NAME.test(name);
    if (!isFine) this.add(where, `${what} '${name}' is refused: ${NAME_RULE}`);
    return isFine;
  }

  code(where: string, code: string): void {
    if (CODE.test(code)) return;
    const rule = "a code of your own begins with a capital letter and has at most 64 letters and digits";
    this.add(where, `the code '${code}' is refused: ${rule}`);
  }

  wholeNumber(where: string, what: string, value: number, [least, most]: readonly [number, number]): void {
    if (!Number.isInteger(value) || value < least || value > most)
      this.add(where, `${what} is a whole number from ${least} to ${most}, not ${value}`);
  }

  /** In milliseconds; a second when it is none, so that the rest can be looked at too. */
  duration(where: string, what: string, text: string): number {
    const ms = durationMs(text);
    if (ms !== undefined && ms > 0) return ms;
    this.add(where, `${what} '${text}' is no duration: write "30 seconds", "5 minutes", "2 hours" or "1 day"`);
    return 1000;
  }
}
