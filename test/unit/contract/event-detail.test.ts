import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEvent, printEvent } from "../../../lib/contract/event-detail.ts";
import { PawlError } from "../../../lib/errors.ts";
import type { EventOf } from "../../../lib/model/contracts.ts";
import type { Json } from "../../../lib/model/json.ts";

const foreign = {
  version: "0",
  id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
  "detail-type": "issues",
  source: "github.com",
  account: "111122223333",
  time: "2026-01-02T03:04:05Z",
  region: "eu-central-1",
  resources: [],
  detail: { action: "opened" },
};
const cloud = {
  ...{ specversion: "1.0", id: "own-id", source: "shop.orders", type: "OrderShipped" },
  ...{ time: "2026-01-01T00:00:00Z", dataversion: 3, data: { orderId: "1042" } },
};
const nested = (levels: number): Json => (levels === 0 ? "bottom" : [nested(levels - 1)]);
const problemsOf = (value: unknown): string => {
  try {
    parseEvent(value);
  } catch (e) {
    if (e instanceof PawlError && e.code === "invalid_event") return e.message;
    throw e;
  }
  return "accepted";
};

describe("an EventBridge event", () => {
  it("of another application is read as it is, in version 1", () => {
    expect(parseEvent(foreign)).toEqual({
      ...{ id: foreign.id, source: "github.com", type: "issues", version: 1 },
      ...{ time: "2026-01-02T03:04:05Z", data: { action: "opened" } },
    });
  });
  it("without a time has an empty one", () => {
    const { time: _, ...rest } = foreign;
    expect(parseEvent(rest).time).toBe("");
  });
  it("with a CloudEvent in it is that CloudEvent, under its own id", () => {
    expect(parseEvent({ ...foreign, detail: cloud })).toEqual({
      ...{ id: "own-id", source: "shop.orders", type: "OrderShipped", version: 3 },
      ...{ time: "2026-01-01T00:00:00Z", data: { orderId: "1042" } },
    });
  });
  it("with a CloudEvent that names no version and no time has version 1 and the outer time", () => {
    const { dataversion: _, time: __, ...detail } = cloud;
    expect(parseEvent({ ...foreign, detail })).toMatchObject({ version: 1, time: foreign.time });
  });
  it("with a CloudEvent and no time at all has an empty one", () => {
    const [{ time: _, ...outer }, { time: __, ...detail }] = [foreign, cloud];
    expect(parseEvent({ ...outer, detail }).time).toBe("");
  });
  it.each([
    ["of another specification", { ...cloud, specversion: "0.3" }],
    ["without an id", { ...cloud, id: "" }],
    ["without data", { specversion: "1.0", id: "x", source: "shop", type: "Told" }],
    ["of no version", { ...cloud, dataversion: 0 }],
  ])("with something like a CloudEvent %s is read as it is", (_, detail) => {
    expect(parseEvent({ ...foreign, detail })).toMatchObject({ id: foreign.id, source: "github.com" });
  });
  it("may be as deep as JSON here may be", () => {
    expect(parseEvent({ ...foreign, detail: nested(499) }).data).toEqual(nested(499));
  });
  it.each([null, 0, "text", []])("may carry any JSON: %j", (detail) => {
    expect(parseEvent({ ...foreign, detail }).data).toEqual(detail);
  });

  it.each<[string, unknown, string]>([
    ["no id", { ...foreign, id: undefined }, "id: "],
    ["an empty id", { ...foreign, id: "" }, "id: is empty"],
    ["no source", { ...foreign, source: undefined }, "source: "],
    ["no detail-type", { ...foreign, "detail-type": "" }, "detail-type: is empty"],
    ["no detail", { ...foreign, detail: undefined }, "detail: "],
    ["what is not JSON", { ...foreign, detail: { at: new Date(0) } }, "it is not JSON: a Date at .detail.at"],
    [
      "a detail that is too deep",
      { ...foreign, detail: nested(500) },
      "it is not JSON: more than 500 levels at .detail[",
    ],
    ["nothing", null, "received null"],
    ["a text", "{}", "received string"],
  ])("with %s is refused in one line", (_, value, problem) => {
    const message = problemsOf(value);
    expect(message).toContain(problem);
    expect(message).toContain("It needs id, source, detail-type and detail");
    expect(message).not.toContain("\n");
  });

  it("that is refused tells each problem by itself", () => {
    const problems = (value: unknown): unknown => {
      try {
        return parseEvent(value);
      } catch (error) {
        return (error as PawlError).detail;
      }
    };
    expect(problems({ ...foreign, id: "", source: "" })).toEqual({
      problems: ["id: is empty", "source: is empty"],
    });
    expect(problems({ ...foreign, detail: Number.NaN })).toEqual({ problems: ["it is not JSON: NaN at .detail"] });
  });

  it("that is anything else is refused as such", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(problemsOf(value)).toContain("this is no EventBridge event");
      }),
    );
  });
});

describe("an event that is printed", () => {
  const full = fc.string({ minLength: 1 });
  it("is read back", () => {
    const event = fc.record({
      ...{ id: full, source: full, type: full, version: fc.integer({ min: 1 }), time: fc.string() },
      data: fc.jsonValue() as fc.Arbitrary<Json>,
    });
    fc.assert(
      fc.property(event, (e: EventOf) => {
        expect(parseEvent(JSON.parse(JSON.stringify(printEvent(e))))).toStrictEqual(JSON.parse(JSON.stringify(e)));
      }),
    );
  });

  it("is an EventBridge entry around a CloudEvent 1.0", () => {
    const event = { id: "e1", source: "shop", type: "Told", version: 2, time: "2026-01-01T00:00:00Z", data: 1 };
    expect(printEvent(event)).toEqual({
      ...{ version: "0", id: "e1", source: "shop", "detail-type": "Told", time: "2026-01-01T00:00:00Z" },
      detail: {
        ...{ specversion: "1.0", id: "e1", source: "shop", type: "Told", time: "2026-01-01T00:00:00Z" },
        ...{ dataversion: 2, data: 1 },
      },
    });
  });
});
