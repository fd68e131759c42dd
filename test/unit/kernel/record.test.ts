import { expect, it } from "vitest";
import {
  callbackKey,
  decideKey,
  editKey,
  hasEnded,
  KEY_KEY,
  mailboxKey,
  parkedKey,
  START_KEY,
  STATUSES,
  stepKey,
  undoKey,
  undoStage,
  wonKey,
} from "../../../lib/kernel/record.ts";

it("a record's key never changes from one version of Pawl to the next", () => {
  // Executions in flight rely on it. Do not change these.
  const keys = [START_KEY, stepKey("pay/0/charge"), decideKey("pay"), parkedKey("charge"), editKey(2)];
  expect([...keys, mailboxKey("approve")]).toEqual([
    ...["decide/#start", "step/pay/0/charge", "decide/pay", "parked/charge", "edit/2", "mailbox/approve"],
  ]);
  const scopes = [wonKey("r"), undoKey("r"), undoKey(""), decideKey(undoStage("r", 3)), callbackKey("c"), KEY_KEY];
  expect(scopes).toEqual([
    ...["decide/r#won", "decide/r#undo", "decide/#undo", "decide/r#undo~3", "callback/c", "key"],
  ]);
});

it("an execution has ended when it has succeeded, failed or been cancelled", () => {
  expect(STATUSES.filter((status) => hasEnded({ status }))).toEqual(["succeeded", "failed", "cancelled"]);
});
