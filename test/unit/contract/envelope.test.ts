import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Envelope, parseEnvelope, printEnvelope } from "../../../lib/contract/envelope.ts";
import { PawlError } from "../../../lib/errors.ts";
import type { Json } from "../../../lib/model/json.ts";

const text = fc.string();
const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const dictionary = <T>(value: fc.Arbitrary<T>) => fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z0-9/~]{0,12}$/), value);
const bindings = fc.record(
  { prev: text, refs: dictionary(text), maps: dictionary(fc.record({ items: text, of: fc.integer({ min: 1 }) })) },
  { requiredKeys: ["prev"] },
);
const error = fc.record(
  { code: text, message: text, path: text, data: json },
  { requiredKeys: ["code", "message", "path"] },
);
const always = ["kind", "v", "workflow", "id", "graph", "epoch", "expiresAt"] as const;
const is = <K extends string>(kind: K) => ({ kind: fc.constant(kind), v: fc.constant(1 as const), workflow: text });
const started = { id: text, graph: text, epoch: fc.nat(), expiresAt: fc.nat() };
const trigger = fc.oneof(
  fc.record({ kind: fc.constant("direct" as const) }),
  fc.record({ kind: fc.constant("event" as const), id: text, source: text, type: text }),
);
const event = fc.record({ id: text, source: text, type: text, version: fc.nat(), time: text, data: json });
const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  fc.record({ ...is("start"), id: text, trigger, input: json }),
  fc.record({ ...is("event"), event }),
  fc.record(
    { ...is("step"), ...started, path: text, bind: bindings, attempt: fc.integer({ min: 1 }), carry: dictionary(json) },
    { requiredKeys: [...always, "path", "bind", "attempt"] },
  ),
  fc.record({ ...is("stop"), ...started, error, as: fc.constantFrom("failed" as const, "cancelled" as const) }),
  fc.record({ ...is("pause"), ...started, turns: fc.nat() }),
  fc.record({ ...is("resume"), ...started, turns: fc.nat() }),
  fc.record({ ...is("redrive"), ...started, from: text, input: json }, { requiredKeys: [...always] }),
  fc.record({ ...is("heal"), ...started }),
);

const refused = (body: string): string => {
  try {
    parseEnvelope(body);
  } catch (e) {
    if (e instanceof PawlError && e.code === "invalid_envelope") return e.message;
    throw e;
  }
  return "accepted";
};

describe("an envelope", () => {
  it("that is printed is read back", () => {
    fc.assert(
      fc.property(envelope, (e) => {
        expect(parseEnvelope(printEnvelope(e))).toStrictEqual(JSON.parse(JSON.stringify(e)));
      }),
    );
  });

  it("keeps a payload's property of any name", () => {
    const input = JSON.parse('{"__proto__":{"a":1},"constructor":2,"":3}') as Json;
    const e: Envelope = { kind: "start", v: 1, workflow: "w", id: "1", trigger: { kind: "direct" }, input };
    expect(printEnvelope(parseEnvelope(printEnvelope(e)))).toBe(printEnvelope(e));
  });

  const step = {
    ...{ kind: "step", v: 1, workflow: "order", id: "1", graph: "h", epoch: 0, expiresAt: 99 },
    ...{ path: "charge", bind: { prev: "x" }, attempt: 1 },
  };
  it.each<[string, object, string]>([
    ["of another version", { ...step, v: 2 }, "v: "],
    ["of no kind", { ...step, kind: undefined }, "kind: "],
    ["of an unknown kind", { ...step, kind: "rewind" }, "kind: "],
    ["without a path", { ...step, path: undefined }, "path: "],
    ["of attempt 0", { ...step, attempt: 0 }, "attempt: "],
    ["of half an attempt", { ...step, attempt: 1.5 }, "attempt: "],
    ["of an epoch below 0", { ...step, epoch: -1 }, "epoch: "],
    ["whose bindings lack the output before", { ...step, bind: {} }, "bind.prev: "],
    [
      "whose map has no items",
      { ...step, bind: { prev: "x", maps: { m: { items: "x", of: 0 } } } },
      "bind.maps.m.of: ",
    ],
  ])("%s is refused, with the place", (_, e, place) => {
    expect(refused(JSON.stringify(e))).toContain(`the message is no envelope of ours: ${place}`);
  });
  it("of attempt 1 in epoch 0 is accepted", () => {
    expect(parseEnvelope(JSON.stringify(step))).toEqual(step);
  });

  it("without its payload is refused, and with null it is accepted", () => {
    const start = { kind: "start", v: 1, workflow: "w", id: "1", trigger: { kind: "direct" } };
    expect(refused(JSON.stringify(start))).toContain("input: is missing");
    expect(parseEnvelope(JSON.stringify({ ...start, input: null }))).toEqual({ ...start, input: null });
  });

  it("from a newer version, with properties that this one does not know, is accepted without them", () => {
    expect(parseEnvelope(JSON.stringify({ ...step, priority: 1, bind: { prev: "x", more: 1 } }))).toEqual(step);
  });
});

describe("a message that is no envelope", () => {
  it.each(["", "{", "null", "1", '"step"', "[]", "{}", "\u0000", "{}{}"])("is refused as such: %j", (body) => {
    expect(refused(body)).toMatch(/^the message is/);
  });

  it("that is no JSON says so, with its length and the parser's reason", () => {
    expect(() => parseEnvelope("{]")).toThrow(
      expect.objectContaining({
        ...{ code: "invalid_envelope", message: "the message is not JSON", detail: { length: 2 } },
        cause: expect.any(SyntaxError),
      }),
    );
  });

  it("is refused as such, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: "binary" })), (body) => {
        expect(refused(body)).toMatch(/^the message is/);
      }),
    );
  });

  it("is refused as such when it is an envelope with something broken in it", () => {
    fc.assert(
      fc.property(envelope, fc.nat(), fc.oneof(json, fc.constant(undefined)), (e, n, instead) => {
        // One property, at any depth but inside a payload, is gone or is something else.
        const places: [Record<string, unknown>, string][] = [];
        const collect = (value: object) => {
          for (const [key, inner] of Object.entries(value)) {
            places.push([value as Record<string, unknown>, key]);
            if (typeof inner === "object" && inner !== null && !["input", "data"].includes(key)) collect(inner);
          }
        };
        const copy = structuredClone(e);
        collect(copy);
        const [owner, key] = places[n % places.length]!;
        owner[key] = instead;
        const answer = refused(JSON.stringify(copy));
        if (answer !== "accepted") expect(answer).toMatch(/^the message is/);
        else expect(parseEnvelope(JSON.stringify(copy)).v).toBe(1); // what took its place happened to fit
      }),
      { numRuns: 500 },
    );
  });

  it("is refused as such when it is nested 100,000 deep", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(refused(deep)).toMatch(/^the message is/);
    const step = `{"kind":"step","v":1,"workflow":"w","id":"1","graph":"h","epoch":0,"path":${deep}}`;
    expect(refused(step)).toMatch(/^the message is/);
  });
});
