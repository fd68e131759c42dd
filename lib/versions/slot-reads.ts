/**
 * The names that a slot reads of `s`, read off its text: `(s) => … s.input … s.charge.id` reads `input` and `charge`.
 * That is how a new state in front of a slot can be told from one that the slot needs.
 */
import type { Slot } from "../model/program.ts";

/** Undefined: it cannot be told, since `s` as a whole goes elsewhere; any name may be read. */
export function readsOf(slot: Slot): ReadonlySet<string> | undefined {
  const text = Function.prototype.toString.call(slot);
  if (/\b(eval|arguments)\b/.test(text)) return undefined;
  const head = /^(?:\(\s*\)|\(\s*([A-Za-z_$][\w$]*)\s*,?\s*\)|([A-Za-z_$][\w$]*)|\(\s*\{([\w$\s,:]*)\}\s*\))\s*=>/.exec(
    text,
  );
  if (!head) return undefined;
  const [whole, bracketed, bare, taken] = head;
  if (taken !== undefined) return namesIn(taken);
  const parameter = bracketed ?? bare;
  return parameter === undefined ? new Set() : membersOf(parameter, text.slice(whole.length));
}

/** `{ input, charge: receipt }` */
const namesIn = (pattern: string): ReadonlySet<string> =>
  new Set(pattern.split(",").flatMap((part) => part.split(":")[0]?.trim() || []));

/** Every mention of it must be `s.name`: a mention in a string counts as one too, and only makes the answer unknown. */
function membersOf(parameter: string, body: string): ReadonlySet<string> | undefined {
  const name = parameter.replaceAll("$", "\\$");
  const names = new Set<string>();
  // Behind a dot it is a property of something else, unless the dots spread it.
  for (const { index } of body.matchAll(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, "g"))) {
    const before = body.slice(0, index);
    if (/(^|[^.])\.\s*$/.test(before) && !/\.\.\.\s*$/.test(before)) continue;
    const member = /^\s*\??\.\s*([A-Za-z_$][\w$]*)/.exec(body.slice(index + parameter.length));
    if (!member?.[1] || /\.\.\.\s*$/.test(before)) return undefined;
    names.add(member[1]);
  }
  return names;
}
