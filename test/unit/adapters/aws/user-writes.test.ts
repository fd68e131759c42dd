import { describe, expect, it } from "vitest";
import { unmet } from "../../../../lib/adapters/aws/user-writes.ts";

const actions = [{ Put: { TableName: "ledger", Item: { pk: "a" } } }];
const refused = (...codes: string[]) => ({
  kind: "other" as const,
  at: codes.findIndex((code) => code !== "None"),
  error: Object.assign(new Error("cancelled"), {
    name: "TransactionCanceledException",
    CancellationReasons: codes.map((Code) => ({ Code, Message: "it says why" })),
  }),
});

describe("writes of the user's that DynamoDB refuses", () => {
  it("are unmet where a condition of theirs does not hold, and may be met later", () => {
    expect(unmet({ kind: "condition", at: 1 }, actions)).toEqual({
      ...{ kind: "unmet", final: false },
      reason: 'the condition of action 0, Put in "ledger" did not hold',
    });
  });
  it("are unmet for good where they are invalid", () => {
    expect(unmet(refused("None", "ValidationError"), actions)).toEqual({
      ...{ kind: "unmet", final: true },
      reason: 'action 0, Put in "ledger" was refused: ValidationError it says why',
    });
  });
  it.each(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])(
    "are not unmet for %s: the message comes back, and no attempt is used up",
    (code) => {
      expect(() => unmet(refused("None", code), actions)).toThrow(expect.objectContaining({ code: "storage_failed" }));
    },
  );
  it("are unmet where their table is not there or not granted, since that is for a deploy to mend", () => {
    for (const name of ["AccessDeniedException", "ResourceNotFoundException"]) {
      const error = Object.assign(new Error("no"), { name });
      expect(unmet({ kind: "other", at: undefined, error }, actions)).toMatchObject({ kind: "unmet", final: false });
    }
  });
});
