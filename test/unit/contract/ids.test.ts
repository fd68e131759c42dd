import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  callbackId,
  calledId,
  checkExecutionId,
  controlQueue,
  emittedEventId,
  eventMark,
  idempotencyKey,
  keyPartition,
  markedId,
  nodeQueue,
  type Origin,
  parseExecution,
  printExecution,
  printResults,
} from "../../../lib/contract/ids.ts";
import { EXECUTION_ID, EXECUTION_ID_RULE, NAME } from "../../../lib/model/name.ts";

const workflow = fc.stringMatching(NAME);
const id = fc.stringMatching(EXECUTION_ID);

describe("an execution's name", () => {
  it("that is printed is read back", () => {
    fc.assert(
      fc.property(workflow, id, (workflow, id) => {
        expect(parseExecution(printExecution({ workflow, id }))).toEqual({ workflow, id });
      }),
    );
  });
  it.each(["", "order", "/1042", "order/", "Order/1042", "order/a/b", "order/a b", "order//1", "a/b/c"])(
    "is not %j",
    (text) => {
      expect(() => parseExecution(text)).toThrow(expect.objectContaining({ code: "invalid_id" }));
    },
  );
  it.each<unknown>([undefined, null, 7, {}, ["1042"], "", "a/b", "x".repeat(129)])("has no id such as %j", (id) => {
    expect(() => checkExecutionId(id as string)).toThrow(expect.objectContaining({ code: "invalid_id" }));
  });
});

describe("a name that is refused", () => {
  it("of an execution is told with what to write", () => {
    expect(() => parseExecution("Order/1042")).toThrow(
      expect.objectContaining({
        message: "'Order/1042' names no execution: write WORKFLOW/ID, as in order/1042",
        detail: { value: "Order/1042" },
      }),
    );
  });
  it("as an id is told with the rule", () => {
    expect(() => checkExecutionId("a b")).toThrow(
      expect.objectContaining({
        message: `the execution id "a b" is refused: ${EXECUTION_ID_RULE}`,
        detail: { value: "a b" },
      }),
    );
  });
});

describe("a derived id", () => {
  const origin: Origin = { execution: "order/1042", path: "charge", epoch: 0 };

  it.each([
    ["the idempotency key", idempotencyKey, "8c29257103f4941ea36e8b3490c0a520fe426fa1"],
    ["an emitted event's id", emittedEventId, "73faa8b3355bb72299db9b9a42d40de1d5254c4d"],
  ])("never changes from one version of Pawl to the next: %s", (_, derive, known) => {
    // Executions in flight rely on it. Do not change these.
    expect(derive(origin)).toBe(known);
  });

  const callback = { ...origin, signal: "approve", subject: "ann" };
  it.each([
    [
      "a called execution's id",
      calledId({ execution: "order/1042", place: "decide/k" }),
      "98ff0764e5a7952b69e5ac8926f32f9c1a521ee7",
    ],
    ["an event's mark", eventMark("e1"), "2914b1da108a0610"],
    ["the id of what an event has started for a key", markedId("k", "2914b1da108a0610"), "k:2914b1da108a0610"],
    ["a callback's id", callbackId(callback), "ac45fb2feffffc6304a650767da039a63782407f"],
  ])("never changes from one version of Pawl to the next: %s", (_, derived, known) => {
    // As above.
    expect(derived).toBe(known);
  });
  it("of a callback differs for another step, signal and subject, and of a call for another place", () => {
    const callbacks = [
      callback,
      ...[{ execution: "order/1" }, { path: "ship" }, { epoch: 1 }, { signal: "refuse" }, { subject: "bob" }].map(
        (other) => ({ ...callback, ...other }),
      ),
    ];
    expect(new Set(callbacks.map(callbackId)).size).toBe(6);
    const places = ["decide/k", "decide/k@1"].map((place) => calledId({ execution: "order/1042", place }));
    expect(new Set(places).size).toBe(2);
  });

  it("has 40 hexadecimal digits and is a valid execution id", () => {
    for (const derived of [idempotencyKey(origin), emittedEventId(origin)]) {
      expect(derived).toMatch(/^[0-9a-f]{40}$/);
      expect(checkExecutionId(derived)).toBe(derived);
    }
  });

  it("differs for another execution, path, epoch and purpose", () => {
    const others: Origin[] = [
      origin,
      { ...origin, execution: "order/1043" },
      { ...origin, path: "pay/charge/charge" },
      { ...origin, epoch: 1 },
    ];
    const all = others.flatMap((o) => [idempotencyKey(o), emittedEventId(o)]);
    expect(new Set(all).size).toBe(8);
  });
});

describe("a place that is named after an execution", () => {
  it("is that of a map's results", () => {
    expect(printResults({ workflow: "order", id: "1042" }, "pack")).toBe("order/1042#pack");
  });
  it("is a key's partition, which no execution can have", () => {
    const { workflow, id } = keyPartition("order", "k");
    expect([workflow, id]).toEqual(["order", "~key/k"]);
    expect(() => checkExecutionId(id)).toThrow(expect.objectContaining({ code: "invalid_id" }));
  });
});

describe("a queue's name", () => {
  it("is the workflow's for control and has the node's behind a dot", () => {
    expect(controlQueue("order")).toBe("order");
    expect(nodeQueue("order", "packLine")).toBe("order.packLine");
  });
});
