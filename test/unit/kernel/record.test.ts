import { expect, it } from "vitest";
import {
  decideKey,
  editKey,
  hasEnded,
  mailboxKey,
  parkedKey,
  START_KEY,
  STATUSES,
  stepKey,
} from "../../../lib/kernel/record.ts";

it("a record's key never changes from one version of Pawl to the next", () => {
  // Executions in flight rely on it. Do not change these.
  const keys = [START_KEY, stepKey("pay/0/charge"), decideKey("pay"), parkedKey("charge"), editKey(2)];
  expect([...keys, mailboxKey("approve")]).toEqual([
    ...["decide/#start", "step/pay/0/charge", "decide/pay", "parked/charge", "edit/2", "mailbox/approve"],
  ]);
});

it("an execution has ended when it has succeeded, failed or been cancelled", () => {
  expect(STATUSES.filter((status) => hasEnded({ status }))).toEqual(["succeeded", "failed", "cancelled"]);
});
