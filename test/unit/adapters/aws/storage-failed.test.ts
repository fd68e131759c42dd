import { describe, expect, it } from "vitest";
import { storageFailed } from "../../../../lib/adapters/aws/storage-failed.ts";

const sdkError = (name: string, attempts?: number) =>
  Object.assign(new Error("as it says"), { name, $metadata: { ...(attempts && { attempts }), requestId: "r1" } });

describe("what AWS refused", () => {
  it.each([
    ["ResourceNotFoundException", "the table t is not there (as it says): deploy the platform first, or name another"],
    ["NoSuchBucket", "the table t is not there"],
    ["AccessDeniedException", "the table t refused access (AccessDeniedException: as it says): check the credentials"],
    ["ExpiredTokenException", "the table t refused access"],
    ["ProvisionedThroughputExceededException", "the table t had no capacity left after 8 attempts"],
    ["ThrottlingException", "the table t had no capacity left after 8 attempts"],
    ["RequestThrottled", "the table t had no capacity left after 8 attempts"],
    ["TransactionConflictException", "the table t had no capacity left after 8 attempts"],
    ["ValidationException", "the table t failed after 8 attempts (ValidationException: as it says)"],
  ])("is said in one line: %s", (name, line) => {
    const cause = sdkError(name, 8);
    const error = storageFailed("the table t", cause);
    expect(error).toMatchObject({ code: "storage_failed", detail: { error: name, requestId: "r1" }, cause });
    expect(error.message.startsWith(line)).toBe(true);
  });
  it("is said also of what is no error of the SDK's", () => {
    expect(storageFailed("the table t", new TypeError("x")).message).toBe(
      "the table t failed after 1 attempts (TypeError: x)",
    );
    expect(storageFailed("the table t", "x").message).toBe("the table t failed after 1 attempts (string: x)");
  });
});
