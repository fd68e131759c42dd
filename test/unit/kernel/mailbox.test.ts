import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changeMailbox,
  type MailAnswer,
  type MailChange,
  MOST_BUFFERED,
  MOST_REMEMBERED,
} from "../../../lib/kernel/mailbox.ts";
import type { Bindings, MailboxRecord } from "../../../lib/kernel/record.ts";
import { deepFreeze } from "../../support/deep-freeze.ts";

const receive = (id: string, data = `data of ${id}`): MailChange => ({ kind: "receive", id, data });
const bindOf = (place: string): Bindings => ({ prev: `before ${place}` });
const wait = (place: string): MailChange => ({ kind: "wait", place, bind: bindOf(place) });
const leave = (place: string): MailChange => ({ kind: "leave", place });
const forget = (place: string): MailChange => ({ kind: "forget", place });
const assigned = (place: string, id: string): MailAnswer => ({
  ...{ kind: "assigned", place, id, data: `data of ${id}` },
  bind: bindOf(place),
});

/** A mailbox as a log keeps it, which nobody may change in place. */
class Mailbox {
  record: MailboxRecord | undefined;
  readonly answers: MailAnswer[] = [];
  /** @returns whether there was anything to write */
  change(change: MailChange): boolean {
    const { record, changed, answer } = changeMailbox(this.record, change);
    this.answers.push(answer);
    if (changed) this.record = deepFreeze(record);
    return changed;
  }
}

const after = (...changes: readonly MailChange[]): Mailbox => {
  const mailbox = new Mailbox();
  for (const change of changes) mailbox.change(change);
  return mailbox;
};
const answerOf = (...changes: readonly MailChange[]): MailAnswer | undefined => after(...changes).answers.at(-1);

describe("a mailbox", () => {
  it.each<[string, readonly MailChange[], MailAnswer]>([
    ["lets a place wait", [wait("a")], { kind: "waiting" }],
    ["gives a signal to the place that waits", [wait("a"), receive("1")], assigned("a", "1")],
    ["keeps a signal for which nobody waits", [receive("1")], { kind: "buffered" }],
    ["keeps it once, though it comes twice", [receive("1"), receive("1")], { kind: "buffered" }],
    ["gives a kept signal to the next place", [receive("1"), wait("a")], assigned("a", "1")],
    ["gives the oldest signal first", [receive("1"), receive("2"), wait("a")], assigned("a", "1")],
    [
      "gives the second signal to the second place",
      [receive("1"), receive("2"), wait("a"), wait("b")],
      assigned("b", "2"),
    ],
    ["serves who came first", [wait("a"), wait("b"), receive("1")], assigned("a", "1")],
    ["serves who came second next", [wait("a"), wait("b"), receive("1"), receive("2")], assigned("b", "2")],
    ["passes over a place that left", [wait("a"), wait("b"), leave("a"), receive("1")], assigned("b", "1")],
    ["lets a waiting place leave", [wait("a"), leave("a")], { kind: "left" }],
    ["does not let a place leave that has its signal", [wait("a"), receive("1"), leave("a")], assigned("a", "1")],
    ["does not register a place again that left", [wait("a"), leave("a"), wait("a")], { kind: "left" }],
    ["lets a place leave before it has come", [leave("a"), wait("a")], { kind: "left" }],
    ["keeps what nobody waits for any more", [wait("a"), leave("a"), receive("1")], { kind: "buffered" }],
    ["tells a place again what it has", [wait("a"), receive("1"), wait("a")], assigned("a", "1")],
    ["tells again where a signal went", [wait("a"), receive("1"), receive("1")], assigned("a", "1")],
    [
      "takes a signal for the one that came first under its id",
      [receive("1"), receive("1", "x"), wait("a")],
      assigned("a", "1"),
    ],
    ["knows a signal that is used up", [wait("a"), receive("1"), forget("a"), receive("1")], { kind: "known" }],
    [
      "does not register a place again that has decided",
      [wait("a"), receive("1"), forget("a"), wait("a")],
      { kind: "left" },
    ],
    [
      "tells a timer that comes after the decision",
      [wait("a"), receive("1"), forget("a"), leave("a")],
      { kind: "left" },
    ],
    ["lets a place go whose decision somebody else made", [wait("a"), forget("a"), receive("1")], { kind: "buffered" }],
  ])("%s", (_, changes, answer) => {
    expect(answerOf(...changes)).toEqual(answer);
  });

  it("is as the log holds it", () => {
    // Executions in flight rely on it.
    const { record } = after(
      wait("decide/a"),
      receive("1"),
      receive("2"),
      wait("decide/b"),
      leave("decide/c"),
      wait("decide/d"),
      forget("decide/a"),
    );
    expect(record).toEqual({
      ...{ kind: "mailbox", version: 7, waiting: ["decide/d"], gone: ["decide/c", "decide/a"], known: ["1"] },
      signals: [{ id: "2", data: "data of 2", place: "decide/b" }],
      binds: { "decide/b": bindOf("decide/b"), "decide/d": bindOf("decide/d") },
    });
  });

  it("keeps a thousand signals for which nobody waits, and no more", () => {
    const mailbox = new Mailbox();
    for (let i = 0; i < MOST_BUFFERED; i++) mailbox.change(receive(`${i}`));
    expect(mailbox.answers.at(-1)).toEqual({ kind: "buffered" });
    expect(mailbox.change(receive("more"))).toBe(false);
    expect(mailbox.answers.at(-1)).toEqual({ kind: "full" });
    mailbox.change(receive("0"));
    expect(mailbox.answers.at(-1)).toEqual({ kind: "buffered" });
    mailbox.change(wait("a"));
    mailbox.change(receive("more"));
    expect(mailbox.answers.slice(-2)).toEqual([assigned("a", "0"), { kind: "buffered" }]);
  });

  it("remembers the last thousand ids and places", () => {
    const mailbox = new Mailbox();
    for (let i = 0; i <= MOST_REMEMBERED; i++)
      for (const change of [wait(`p${i}`), receive(`s${i}`), forget(`p${i}`)]) mailbox.change(change);
    const { known, gone, signals } = mailbox.record as MailboxRecord;
    expect([known.length, known[0], gone.length, gone[0], signals]).toEqual([1000, "s1", 1000, "p1", []]);
  });
});

describe("whatever comes in whatever order", () => {
  const name = (prefix: string) => fc.nat(4).map((n) => `${prefix}${n}`);
  const change: fc.Arbitrary<MailChange> = fc.oneof(
    { weight: 3, arbitrary: name("s").map((id) => receive(id)) },
    { weight: 3, arbitrary: name("p").map(wait) },
    { weight: 1, arbitrary: name("p").map(leave) },
    { weight: 1, arbitrary: name("p").map(forget) },
  );
  const changes = fc.array(change, { maxLength: 30 });

  it("a signal goes to one place, and a place has one signal", () => {
    fc.assert(
      fc.property(changes, (all) => {
        const placeOf = new Map<string, string>();
        const signalOf = new Map<string, string>();
        for (const answer of after(...all).answers) {
          if (answer.kind !== "assigned") continue;
          expect(placeOf.get(answer.id) ?? answer.place).toBe(answer.place);
          expect(signalOf.get(answer.place) ?? answer.id).toBe(answer.id);
          placeOf.set(answer.id, answer.place);
          signalOf.set(answer.place, answer.id);
        }
      }),
    );
  });

  it("a change that is made twice at once changes nothing the second time, and is answered alike", () => {
    fc.assert(
      fc.property(changes, change, (all, last) => {
        const mailbox = after(...all, last);
        expect(mailbox.change(last)).toBe(false);
        expect(mailbox.answers.at(-1)).toEqual(mailbox.answers.at(-2));
      }),
    );
  });

  it("nothing is written unless something changes, and each write is counted", () => {
    fc.assert(
      fc.property(changes, (all) => {
        const mailbox = new Mailbox();
        for (const one of all) {
          const before = mailbox.record;
          const changed = mailbox.change(one);
          expect(mailbox.record?.version ?? 0).toBe((before?.version ?? 0) + (changed ? 1 : 0));
          if (changed) expect({ ...mailbox.record, version: 0 }).not.toEqual({ ...before, version: 0 });
        }
      }),
    );
  });

  it("no signal lies there while a place waits, and the first to come are the first to be served", () => {
    fc.assert(
      fc.property(changes, (all) => {
        const mailbox = new Mailbox();
        for (const one of all) {
          const { waiting = [], signals = [] } = mailbox.record ?? {};
          const buffered = signals.filter(({ place }) => place === undefined);
          expect(Math.min(waiting.length, buffered.length)).toBe(0);
          const changed = mailbox.change(one);
          const answer = mailbox.answers.at(-1);
          if (!changed || answer?.kind !== "assigned") continue;
          if (one.kind === "receive") expect(answer.place).toBe(waiting[0]);
          else expect(answer.id).toBe(buffered[0]?.id);
        }
      }),
    );
  });

  it("of a signal and a timeout that come at once, in either order, one has the place", () => {
    fc.assert(
      fc.property(changes, (all) => {
        const before = [...all, forget("mine"), wait("race")];
        const { record } = after(...before);
        fc.pre(record?.waiting[0] === "race");
        const signalFirst = after(...before, receive("new"), leave("race")).answers.slice(-2);
        expect(signalFirst).toEqual([assigned("race", "new"), assigned("race", "new")]);
        const timeoutFirst = after(...before, leave("race"), receive("new")).answers.slice(-2);
        expect(timeoutFirst[0]).toEqual({ kind: "left" });
        expect(timeoutFirst[1]).not.toMatchObject({ place: "race" });
      }),
    );
  });

  it("no signal is lost: it lies there, is a place's, or was used up", () => {
    fc.assert(
      fc.property(changes, (all) => {
        const mailbox = after(...all);
        const { signals = [], known = [] } = mailbox.record ?? {};
        const there = new Set([...signals.map(({ id }) => id), ...known]);
        for (const one of all) if (one.kind === "receive") expect(there).toContain(one.id);
      }),
    );
  });
});
