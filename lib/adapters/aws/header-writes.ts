/** The turning of a status as a conditional write: `lib/kernel/header.ts` in DynamoDB's words. */
import type { ExecutionName } from "../../contract/ids.ts";
import type { StatusChange } from "../../kernel/header.ts";
import type { Body } from "./bodies.ts";
import { indexPartitionOf } from "./keys.ts";
import type { Write } from "./table.ts";

const IN_EPOCH = "ep = :epoch";
const TURNED_SO_OFTEN = "(tu = :turns OR (:turns = :zero AND attribute_not_exists(tu)))";

const KEEPS_NOTHING = "attribute_not_exists(ke)";

/** What of a change is a body. */
export interface TurnBodies {
  readonly error?: Body | undefined;
  readonly stuck?: Body | undefined;
}

export function turnWrite(name: ExecutionName, change: StatusChange, { error, stuck }: TurnBodies): Write {
  const { epoch, from, turns, to, endedAtMs, output, ending, keep, reopen } = change;
  const placeholders = from.map((_, i) => `:from${i}`);
  return {
    condition: [
      ...[IN_EPOCH, `s IN (${placeholders.join(", ")})`],
      ...(turns === undefined ? [] : [TURNED_SO_OFTEN]),
      ...(to === "stuck" ? [KEEPS_NOTHING] : []),
    ].join(" AND "),
    set: [
      ...["s = :to", "ipk = :ipk"],
      ...(turns === undefined ? [] : ["tu = :turned"]),
      ...(endedAtMs === undefined ? [] : ["z = :endedAt"]),
      ...(output === undefined ? [] : ["o = :output"]),
      ...(error === undefined ? [] : ["e = :error"]),
      ...(ending === undefined ? [] : ["en = :ending"]),
      ...(keep === undefined ? [] : ["ke = :keep"]),
      ...(stuck === undefined ? [] : ["su = :stuck"]),
      ...(reopen ? ["ep = :next"] : []),
    ],
    remove: reopen ? (from.includes("stuck") ? ["su"] : ["z", "o", "e", "en", "ke"]) : [],
    values: {
      ...Object.fromEntries(from.map((status, i) => [`:from${i}`, status])),
      ":epoch": epoch,
      ":next": epoch + 1,
      ":turns": turns ?? 0,
      ":turned": (turns ?? 0) + 1,
      ":zero": 0,
      ":to": to,
      ":ipk": indexPartitionOf(name, to),
      ":endedAt": endedAtMs,
      ":output": output,
      ":error": error,
      ":ending": ending,
      ":keep": keep,
      ":stuck": stuck,
    },
  };
}

export const PAUSED = (epoch: number) => ({
  condition: `s = :paused AND ${IN_EPOCH}`,
  values: { ":paused": "paused", ":epoch": epoch },
});
