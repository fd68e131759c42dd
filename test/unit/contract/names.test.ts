import { describe, expect, it } from "vitest";
import {
  bucketName,
  busName,
  callbackFunctionName,
  checkPlatform,
  deadLetterQueueName,
  EXECUTIONS_INDEX,
  functionName,
  queueName,
  scheduleGroupName,
  tableName,
} from "../../../lib/contract/names.ts";

describe("a platform's name", () => {
  it.each(["p", "shop", "shop2", "a".repeat(20)])("may be %s", (name) => {
    expect(checkPlatform(name)).toBe(name);
  });
  it.each(["", "Shop", "2shop", "my-shop", "shop_", " shop", "shop ", "shop\n", "a".repeat(21)])(
    "is not %j, and the error says the rule",
    (name) => {
      expect(() => checkPlatform(name)).toThrow(
        expect.objectContaining({
          code: "usage",
          message: `the platform '${name}' is refused: a platform's name has 1 to 20 small letters and digits and begins with a letter`,
          detail: { value: name },
        }),
      );
    },
  );
});

describe("what is deployed", () => {
  // What stands in an account already is found under these names. Do not change them.
  it.each([
    [tableName("shop"), "shop-log"],
    [EXECUTIONS_INDEX, "executions"],
    [busName("shop"), "shop-events"],
    [scheduleGroupName("shop"), "shop-delays"],
    [bucketName("shop", "111122223333", "eu-west-1"), "shop-payloads-111122223333-eu-west-1"],
    [queueName("shop", "order"), "shop-order"],
    [queueName("shop", "order.packLine"), "shop-order-packLine"],
    [functionName("shop", "order.packLine"), "shop-order-packLine"],
    [callbackFunctionName("shop", "order"), "shop-order_callbacks"],
    [deadLetterQueueName("shop", "order"), "shop-order_dead"],
  ])("has the name that it always had: %s", (name, known) => {
    expect(name).toBe(known);
  });
});

describe.each([
  ["a queue's name", queueName, 80, "-e535e5a0"],
  ["a function's name", functionName, 64, "-e2f79b65"],
] as const)("%s", (_, nameOf, most, hash) => {
  const just = "x".repeat(most - "p-".length);
  it("is whole as long as AWS takes it", () => {
    expect(nameOf("p", just)).toBe(`p-${just}`);
  });
  it("is cut when it is longer, with a hash of the whole in place of the rest", () => {
    const name = nameOf("p", `${just}x`);
    expect(name).toBe(`p-${"x".repeat(most - 2 - hash.length)}${hash}`);
    expect(name).toHaveLength(most);
  });
  it("differs where the part that is cut off does", () => {
    expect(nameOf("p", `${just}xa`)).not.toBe(nameOf("p", `${just}xb`));
  });
});
