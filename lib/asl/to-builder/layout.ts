/**
 * Where lines are broken, as the formatter breaks them: a group stands on one line where it fits and has no break of its
 * own; else its lines are broken. After P. Wadler, "A prettier printer".
 */
export type Doc =
  | string
  | readonly Doc[]
  /** A break where its group is broken, else this text. */
  | { readonly kind: "line"; readonly flat: string; readonly broken?: string }
  /** A break in any case, and so are those around it. */
  | { readonly kind: "break" }
  | { readonly kind: "indent"; readonly of: Doc }
  | { readonly kind: "group"; readonly of: readonly Doc[]; readonly isBroken?: true }
  /** In `either`: chosen where this part of it fits on a line of its own. */
  | { readonly kind: "lined"; readonly part: Doc; readonly of: Doc }
  /** The first that fits; else the last. Each as if its own groups were tried. */
  | { readonly kind: "either"; readonly of: readonly Doc[] };

const WIDTH = 120;

export const line: Doc = { kind: "line", flat: " " };
export const softline: Doc = { kind: "line", flat: "" };
/** A comma behind the last of broken lines. */
export const trailing: Doc = { kind: "line", flat: "", broken: "," };
export const hardline: Doc = { kind: "break" };
export const indent = (...of: readonly Doc[]): Doc => ({ kind: "indent", of });
export const group = (...of: readonly Doc[]): Doc => ({ kind: "group", of });
/** Its lines are broken, whether it fits or not. */
export const broken = (doc: Doc): Doc =>
  typeof doc === "object" && "kind" in doc && doc.kind === "group" ? { ...doc, isBroken: true } : doc;
/** What it begins with, where it is a group. */
export const opening = (doc: Doc): Doc | undefined =>
  typeof doc === "object" && "kind" in doc && doc.kind === "group" ? doc.of[0] : undefined;
export const either = (...of: readonly Doc[]): Doc => ({ kind: "either", of });
export const lined = (part: Doc, of: Doc): Doc => ({ kind: "lined", part, of });
export const joined = (docs: readonly Doc[], by: Doc): readonly Doc[] =>
  docs.flatMap((doc, i) => (i === 0 ? [doc] : [by, doc]));

/** It has a break in any case. */
export function breaks(doc: Doc): boolean {
  if (typeof doc === "string") return false;
  if (isList(doc)) return doc.some(breaks);
  if (doc.kind === "either") return doc.of.every(breaks);
  if (doc.kind === "group" && doc.isBroken) return true;
  return doc.kind === "break" || (doc.kind !== "line" && breaks(doc.of));
}

/** `Array.isArray` does not know lists that are readonly. */
const isList = (doc: Doc): doc is readonly Doc[] => Array.isArray(doc);

interface Task {
  readonly doc: Doc;
  readonly margin: number;
  readonly flat: boolean;
}

export function printDoc(doc: Doc): string {
  let text = "";
  let column = 0;
  const tasks: Task[] = [{ doc, margin: 0, flat: false }];
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const { doc: one, margin, flat } = task;
    if (typeof one === "string") {
      text += one;
      column += one.length;
    } else if (isList(one)) tasks.push(...[...one].reverse().map((of) => ({ ...task, doc: of })));
    else if (one.kind === "lined") tasks.push({ ...task, doc: one.of });
    else if (one.kind === "indent") tasks.push({ doc: one.of, margin: margin + 2, flat });
    else if (one.kind === "group") {
      const isFlat = flat || (!breaks(one) && fits({ doc: one.of, margin, flat: true }, tasks, WIDTH - column));
      tasks.push({ doc: one.of, margin, flat: isFlat });
    } else if (one.kind === "either") {
      const found = one.of.find((of) => isFitting(of, { margin, rest: tasks, column }));
      tasks.push({ doc: found ?? one.of.at(-1) ?? "", margin, flat: false });
    } else if (one.kind === "line" && flat) {
      text += one.flat;
      column += one.flat.length;
    } else {
      const before = one.kind === "line" ? (one.broken ?? "") : "";
      if (before !== "") {
        text += before;
        column += before.length;
        continue; // its break is the next line's
      }
      text = `${text.trimEnd()}\n${" ".repeat(margin)}`;
      column = margin;
    }
  }
  return text;
}

interface Room {
  readonly margin: number;
  readonly rest: readonly Task[];
  readonly column: number;
}
function isFitting(doc: Doc, { margin, rest, column }: Room): boolean {
  if (typeof doc !== "object" || !("kind" in doc) || doc.kind !== "lined")
    return fits({ doc, margin, flat: false }, rest, WIDTH - column);
  return fits({ doc: doc.part, margin, flat: true }, rest, WIDTH - margin - 2);
}

/** Up to the next break: of what stands behind it, the first that there may be. */
function fits(first: Task, rest: readonly Task[], room: number): boolean {
  let left = room;
  let behind = rest.length;
  const tasks: (Task & { readonly isRest?: true })[] = [first];
  while (left >= 0) {
    const next = rest[behind - 1];
    const task = tasks.pop() ?? (next && { ...next, isRest: true as const });
    if (!task) return true;
    if (task.isRest && tasks.length === 0 && task.doc === next?.doc) behind--;
    const { doc, flat } = task;
    if (typeof doc === "string") left -= doc.length;
    else if (isList(doc)) tasks.push(...[...doc].reverse().map((of) => ({ ...task, doc: of })));
    else if (doc.kind === "indent" || doc.kind === "lined") tasks.push({ ...task, doc: doc.of });
    else if (doc.kind === "group") tasks.push({ ...task, doc: doc.of, flat: flat || !(task.isRest || breaks(doc)) });
    else if (doc.kind === "either") tasks.push({ ...task, doc: doc.of[0] ?? "" });
    else if (doc.kind === "line" && flat) left -= doc.flat.length;
    else if (doc.kind === "line" && doc.broken !== undefined) left -= doc.broken.length;
    else return true;
  }
  return false;
}
