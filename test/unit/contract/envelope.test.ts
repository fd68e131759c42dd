import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Envelope, type EnvelopeOf, parseEnvelope, printEnvelope } from "../../../lib/contract/envelope.ts";
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

describe("every kind of envelope", () => {
  const of = { v: 1, workflow: "order", id: "1" } as const;
  const begun = { ...of, graph: "h", epoch: 2, expiresAt: 99 } as const;
  const bind = {
    ...{ prev: "step/a", refs: { b: "step/b" }, maps: { m: { items: "step/m", of: 3 } } },
    undo: { scope: "", stage: 1, member: 2, of: 3 },
  };
  const error = { code: "Declined", message: "no", path: "charge", data: { why: 1 } };
  const at = { path: "p", bind };
  const close = (how: EnvelopeOf<"close">["how"]): Envelope => ({ kind: "close", ...begun, scope: "p", how, bind });
  const start = (trigger: EnvelopeOf<"start">["trigger"]): Envelope => ({ kind: "start", ...of, trigger, input: 1 });
  const event = { id: "e", source: "shop", type: "Placed" };
  /** Each with all that it may have. */
  const whole: readonly Envelope[] = [
    { kind: "start", ...of, trigger: { kind: "direct" }, input: 1, caller: { ...begun, ...at, depth: 1 } },
    start({ kind: "call", execution: "order/1", path: "p" }),
    start({ kind: "schedule", time: "2026-05-04T07:30:00Z", key: "k" }),
    start({ kind: "event", ...event, key: "k" }),
    { kind: "event", v: 1, workflow: "order", event: { ...event, version: 2, time: "", data: 1 } },
    { kind: "tick", v: 1, workflow: "order", time: "2026-05-04T07:30:00Z" },
    { kind: "step", ...begun, ...at, attempt: 1, carry: { "step/a": 1 } },
    { kind: "stop", ...begun, error, as: "failed", keep: true },
    { kind: "stop", ...begun, error, as: "cancelled" },
    { kind: "timer", ...begun, ...at, dueAtMs: 5, signal: "s" },
    { kind: "deadline", ...begun, dueAtMs: 5 },
    { kind: "signal", ...of, signal: "s", signalId: "7", data: 1 },
    { kind: "returned", ...begun, ...at, child: "c/1", refused: "no" },
    close({ kind: "won", path: "p", branch: "x", output: "step/x" }),
    close({ kind: "failed", path: "p", error }),
    close({ kind: "caught", path: "p", branch: "x", error: "step/x!e" }),
    close({ kind: "tolerated", path: "p", member: 4, error: "step/x!e" }),
    { kind: "pause", ...begun, turns: 1 },
    { kind: "resume", ...begun, turns: 1 },
    { kind: "redrive", ...begun, from: "p", input: 1 },
    { kind: "heal", ...begun },
    { kind: "fork", ...of, graph: "h", source: { id: "0", epoch: 3 }, from: "p", input: 1 },
    { kind: "freed", ...of },
  ];
  const optional = {
    ...{ start: ["caller", "trigger.key"], step: ["carry"], stop: ["keep"], timer: ["signal"], returned: ["refused"] },
    ...{ redrive: ["from", "input"], fork: ["input"] },
  } as Readonly<Record<string, readonly string[]>>;
  const mayLack = (kind: string, place: string) =>
    optional[kind]?.includes(place) ||
    /(^|\.)(bind\.(refs|maps|undo)(\.m|\.b)?|error\.data|carry\.\w+\/\w)$/.test(place);
  /** Whatever lies there, if something does. */
  const isFree = (place: string) => /(^|\.)(input|data|carry\..*)$/.test(place);

  /** Each place in it, with a change of what lies there. */
  function* placesOf(value: object, above = ""): Generator<readonly [string, Json]> {
    for (const [name, inner] of Object.entries(value) as [string, Json][]) {
      yield [above + name, inner];
      if (typeof inner === "object" && inner !== null && !isFree(name)) yield* placesOf(inner, `${above}${name}.`);
    }
  }
  function changed(envelope: Envelope, place: string, value: Json | undefined): string {
    const copy = structuredClone(envelope) as object;
    let owner = copy as Record<string, unknown>;
    const names = place.split(".");
    for (const name of names.slice(0, -1)) owner = owner[name] as Record<string, unknown>;
    owner[names.at(-1) as string] = value;
    return JSON.stringify(copy);
  }
  const cases = whole.flatMap((envelope) =>
    [...placesOf(envelope)].map(([place, value]) => ({ envelope, place, value })),
  );

  it("is read back whole", () => {
    for (const envelope of whole) expect(parseEnvelope(printEnvelope(envelope))).toStrictEqual(envelope);
  });
  it("may lack what it need not have, and is refused without anything else, with the place", () => {
    for (const { envelope, place } of cases) {
      const text = changed(envelope, place, undefined);
      if (mayLack(envelope.kind, place)) expect(parseEnvelope(text)).toStrictEqual(JSON.parse(text));
      else expect(refused(text)).toContain(`: ${place}: `);
    }
  });
  it("is refused with another kind of value in any place, but for payloads", () => {
    for (const { envelope, place, value } of cases) {
      if (isFree(place)) continue;
      const others: Json[] = typeof value === "string" ? [5, {}] : ["5", []];
      for (const other of others) expect(refused(changed(envelope, place, other))).toContain(`: ${place}: `);
    }
  });
  it("counts from 0, or from 1, in whole numbers", () => {
    const free = /(^|\.)(version|dueAtMs|v)$/;
    for (const { envelope, place, value } of cases) {
      if (typeof value !== "number" || isFree(place) || free.test(place)) continue;
      const least = /(maps\.m\.of|attempt)$/.test(place) ? 1 : 0;
      for (const other of [least - 1, least + 0.5])
        expect(refused(changed(envelope, place, other))).toContain(`: ${place}: `);
      expect(refused(changed(envelope, place, least))).toBe("accepted");
    }
  });
  it.each<[string, Envelope, string, Json]>([
    ["a time that is none", { kind: "tick", v: 1, workflow: "w", time: "" }, "time", "noon"],
    [
      "a time with parts of a second",
      { kind: "tick", v: 1, workflow: "w", time: "" },
      "time",
      "2026-05-04T07:30:00.5Z",
    ],
    ["another end than these two", { kind: "stop", ...begun, error, as: "failed" }, "as", "succeeded"],
    ["a request to keep nothing", { kind: "stop", ...begun, error, as: "failed" }, "keep", false],
  ])("is refused with %s", (_, envelope, place, value) => {
    expect(refused(changed(envelope, place, value))).toContain(`: ${place}: `);
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
