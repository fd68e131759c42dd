import { afterEach, describe, expect, it } from "vitest";
import { EventBridgeBus, eventBridgeClient } from "../../../../lib/adapters/aws/event-bus.ts";
import type { EventOf } from "../../../../lib/model/contracts.ts";
import { type Answer, type AnsweringServer, answeringServer } from "../../../support/aws/answering-server.ts";

interface Entry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  /** Seconds. */
  readonly Time?: number;
}
interface Request {
  readonly Entries: readonly Entry[];
}
const event = (id: string, over: Partial<EventOf> = {}): EventOf => ({
  ...{ id, source: "shop", type: "Placed", version: 2, time: "2026-01-01T00:00:00Z", data: { id: 1 } },
  ...over,
});
const idOf = ({ Detail }: Entry) => (JSON.parse(Detail) as { id: string }).id;
const taking =
  (failing: (id: string, n: number) => string | undefined = () => undefined) =>
  ({ Entries }: Request, n: number): Answer => {
    const all = Entries.map((entry) => {
      const ErrorCode = failing(idOf(entry), n);
      return ErrorCode === undefined ? { EventId: "e" } : { ErrorCode, ErrorMessage: "why" };
    });
    return { body: { FailedEntryCount: all.filter((e) => "ErrorCode" in e).length, Entries: all } };
  };

describe("the event bus on EventBridge", () => {
  let server: AnsweringServer<Request>;
  afterEach(() => server.close());
  async function busOn(answer: (request: Request, n: number) => Answer) {
    server = await answeringServer<Request>(answer);
    return new EventBridgeBus({ client: eventBridgeClient(server.aws), bus: "shop-events" });
  }

  it("puts an event as CloudEvents 1.0, under its own id", async () => {
    const bus = await busOn(taking());
    await bus.put([event("e1")]);
    const [entry] = server.requests[0]?.Entries ?? [];
    expect(entry).toMatchObject({ EventBusName: "shop-events", Source: "shop", DetailType: "Placed" });
    expect(entry?.Time).toBe(Date.parse("2026-01-01T00:00:00Z") / 1000);
    expect(JSON.parse(entry?.Detail ?? "")).toEqual({
      ...{ specversion: "1.0", id: "e1", source: "shop", type: "Placed", dataversion: 2 },
      ...{ time: "2026-01-01T00:00:00Z", data: { id: 1 } },
    });
  });
  it("puts an event without a time as one of now", async () => {
    const bus = await busOn(taking());
    await bus.put([event("e1", { time: "" })]);
    expect(server.requests[0]?.Entries[0]).not.toHaveProperty("Time");
  });
  it("puts ten entries a request at most", async () => {
    const bus = await busOn(taking());
    await bus.put(Array.from({ length: 21 }, (_, i) => event(`e${i}`)));
    expect(server.requests.map(({ Entries }) => Entries.length).toSorted()).toEqual([1, 10, 10]);
  });
  it("puts 256 KiB a request at most", async () => {
    const bus = await busOn(taking());
    await bus.put([event("a", { data: "x".repeat(130 * 1024) }), event("b", { data: "x".repeat(130 * 1024) })]);
    expect(server.requests).toHaveLength(2);
  });
  it("puts again what EventBridge could not take, and nothing else", async () => {
    const bus = await busOn(taking((id, n) => (id === "b" && n < 2 ? "ThrottlingException" : undefined)));
    await bus.put([event("a"), event("b")]);
    expect(server.requests.map(({ Entries }) => Entries.map(idOf))).toEqual([["a", "b"], ["b"], ["b"]]);
  });
  it("says what EventBridge refuses", async () => {
    const bus = await busOn(taking((id) => (id === "b" ? "MalformedDetail" : undefined)));
    await expect(bus.put([event("a"), event("b")])).rejects.toMatchObject({
      code: "storage_failed",
      message: "the bus shop-events refused an entry: MalformedDetail: why",
    });
    expect(server.requests).toHaveLength(1);
  });
  it("takes no answer for a success that does not add up", async () => {
    const bus = await busOn((request, n) =>
      n === 0 ? { body: { FailedEntryCount: 1, Entries: [{}, {}] } } : taking()(request, n),
    );
    await bus.put([event("a"), event("b")]);
    expect(server.requests.map(({ Entries }) => Entries.map(idOf))).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  describe("an event's size", () => {
    // Everything that EventBridge counts but the text: source, type and detail, and 14 bytes for the time.
    const empty =
      14 +
      Buffer.byteLength("shopPlaced") +
      Buffer.byteLength(
        JSON.stringify({
          ...{ specversion: "1.0", type: "Placed", source: "shop", dataversion: 2, id: "a" },
          ...{ time: "2026-01-01T00:00:00Z", data: "" },
        }),
      );
    it("is 256 KiB at most, of bytes and not of characters", async () => {
      const bus = await busOn(taking());
      await bus.put([event("a", { data: "ü".repeat((256 * 1024 - empty) / 2) })]);
      expect(server.requests).toHaveLength(1);
    });
    it("is refused with a byte more, before anything is put", async () => {
      const bus = await busOn(taking());
      const large = event("a", { data: "x".repeat(256 * 1024 - empty + 1) });
      await expect(bus.put([event("b"), large])).rejects.toMatchObject({
        code: "payload_too_large",
        message: expect.stringMatching(/^the event a \(shop Placed\) has 262145 bytes/),
      });
      expect(server.requests).toEqual([]);
    });
  });
});
