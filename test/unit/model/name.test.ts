import { describe, expect, it } from "vitest";
import { EVENT_SOURCE, EVENT_TYPE, EXECUTION_ID, kebab, NAME } from "../../../lib/model/name.ts";

describe.each([
  {
    what: "a name",
    form: NAME,
    fits: ["a", "packLine", "x9", "a".repeat(32)],
    refused: [
      "",
      "A",
      "Pack",
      "9x",
      "_a",
      "pack-line",
      "pack line",
      "pay/charge",
      "a~2",
      "a#",
      "ä",
      "a\n",
      "a".repeat(33),
    ],
  },
  {
    what: "an execution id",
    form: EXECUTION_ID,
    fits: ["1", "A", "2026-0001", "a.b_c:d@e=f+g-h", "x".repeat(128)],
    refused: ["", "-1", ".hidden", "a/b", "a~1", "a#", "a!b", "a?b", "a b", "a\n", "ü", "x".repeat(129)],
  },
  {
    what: "an event's source",
    form: EVENT_SOURCE,
    fits: ["shop.orders", "github.com", "a/b_c-d", "9", "awsome", "x".repeat(256)],
    refused: ["", "aws.s3", ".shop", "shop orders", "shop@1", "x".repeat(257)],
  },
  {
    what: "an event's type",
    form: EVENT_TYPE,
    fits: ["OrderPlaced", "Order placed", "v1.order-placed_x", "x".repeat(128)],
    refused: ["", " OrderPlaced", "Order/Placed", "Order@1", "x".repeat(129)],
  },
])("$what", ({ form, fits, refused }) => {
  it.each(fits)("may be %j", (text) => expect(form.test(text)).toBe(true));
  it.each(refused)("is not %j", (text) => expect(form.test(text)).toBe(false));
});

describe("a file's name", () => {
  it.each([
    ["charge", "charge"],
    ["packLine", "pack-line"],
    ["lookUpA", "look-up-a"],
  ])("for %s is %s", (name, file) => expect(kebab(name)).toBe(file));
});
