/**
 * What a redrive does over, worked out from the records of an execution that has ended: what failed, what was closed
 * because something else failed, decisions that came to a failure, and what was undone; with `from`, that step and all
 * that its decision led to. What has succeeded stands. Of one that is stuck: the undo steps that came to nothing.
 */
import type { Json } from "../model/json.ts";
import { undoneBy } from "./address.ts";
import type { Records } from "./frontier.ts";
import { type DecisionRecord, decideKey, type EditRecord, type ExecutionStatus, START_KEY, stepKey } from "./record.ts";
import { type Past, Voids } from "./voids.ts";

export interface Redrive {
  /** The path of a step that has run. */
  readonly from?: string | undefined;
  /** For the step at `from`, in place of what its mapping gives. */
  readonly input?: Json | undefined;
  /** Of one that is stuck: it ends so, and nothing more is undone. */
  readonly ends?: EditRecord["ends"];
  /** As what it ended. One that was cancelled may have nothing that failed, and still not be at its end. */
  readonly status: ExecutionStatus;
  readonly atMs: number;
}
export type Planned =
  | { readonly kind: "edit"; readonly edit: EditRecord }
  | { readonly kind: "refused"; readonly why: string };

export function planRedrive(records: Records, of: Redrive, earlier: Past["earlier"] = () => []): Planned {
  const { from, input, status, atMs } = of;
  const start = records.get(START_KEY) as DecisionRecord | undefined;
  const starts = [start, ...earlier(START_KEY)] as readonly (DecisionRecord | undefined)[];
  if (!starts.some((it) => it?.values)) return refused("it has no start");
  if (status === "stuck") return undoAgain(records, of);
  if (from === undefined && input !== undefined) return refused("an input is a step's: say from which");
  const unfit = from === undefined ? undefined : whyNotFrom(from, records);
  if (unfit !== undefined) return refused(unfit);
  const voids = new Voids({ records, earlier }, from === undefined ? undefined : stepKey(from));
  const { all, anew } = voids;
  if (from !== undefined && !all.has(stepKey(from)))
    return refused(`'${from}' lies in '${voids.scopeOf(stepKey(from))}', which another branch has ended`);
  if (all.size === 0 && status !== "cancelled") return refused("nothing of it has failed: say from which step");
  const where = from !== undefined && { from, ...(input !== undefined && { inputs: { [from]: input } }) };
  return { kind: "edit", edit: { kind: "edit", void: [...all], anew: [...anew], ...where, atMs } };
}

function whyNotFrom(from: string, records: Records): string | undefined {
  if (undoneBy(from) !== undefined) return `'${from}' undoes another step: redrive from a step of the graph`;
  if (records.get(stepKey(from))?.kind === "step") return undefined;
  return records.has(decideKey(from))
    ? `'${from}' is no task: say a task before it, or the first one after it`
    : `no step at '${from}' has begun`;
}

const refused = (why: string): Planned => ({ kind: "refused", why });

/** A stuck execution goes on with undoing: all else is as it was. */
function undoAgain(records: Records, { from, input, ends, atMs }: Redrive): Planned {
  if (from !== undefined || input !== undefined)
    return refused("it is stuck, and goes on with undoing what could not be undone: leave from and input out");
  const stuck = [...records].flatMap(([key, record]) =>
    "next" in record && record.next?.some(({ kind }) => kind === "stuck") ? [key] : [],
  );
  return { kind: "edit", edit: { kind: "edit", void: stuck, anew: [], ...(ends && { ends }), atMs } };
}
