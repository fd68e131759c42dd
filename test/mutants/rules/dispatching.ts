import type { Mutant } from "../mutant.ts";

const dispatch = "lib/engine/dispatch.ts";
const goOn = "lib/engine/go-on.ts";
const attempt = "lib/engine/attempt.ts";
const join = "lib/kernel/join.ts";

export const dispatching: readonly Mutant[] = [
  {
    name: "skip settled inline steps",
    rule: "Settled inline steps are walked through again: what follows them rides on this message.",
    edits: [
      {
        file: dispatch,
        find: "if (mayRide && (!hurry || settled)) inline.push(",
        replace: "if (mayRide && !hurry && !settled) inline.push(",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "send to settled queued steps again",
    rule: "A dispatch made again sends nothing to settled queued steps, or one duplicate ripples down the whole chain.",
    edits: [
      {
        file: dispatch,
        find: "const settled = (again || (mayRide && hurry)) && (await isSettled(inv, path));",
        replace: "const settled = mayRide && (again || hurry) && (await isSettled(inv, path));",
      },
    ],
    tests: ["test/crash/bounds.test.ts"],
  },
  {
    name: "walk through a step once for each way to it",
    rule: "One invocation walks through each record once, or scopes in a row multiply.",
    edits: [
      { file: attempt, find: "if (inv.seen.has(key)) return WHOLE;", replace: "" },
      { file: goOn, find: "if (inv.seen.has(key)) return WHOLE;", replace: "" },
    ],
    tests: ["test/crash/bounds.test.ts"],
  },
  {
    name: "emit under a new id each time",
    rule: "An event's id is derived from execution, path and epoch, so that it starts nothing twice.",
    edits: [
      {
        file: dispatch,
        find: "id: emittedEventId(origin)",
        replace: "id: emittedEventId({ ...origin, epoch: inv.context.clock.now() })",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
    named: "a workflow whose events",
  },
  {
    name: "count arrivals instead of collecting them",
    rule: "Arriving adds a member to a set: arriving twice changes nothing.",
    edits: [
      {
        file: join,
        find: "const changed = !Object.hasOwn(members, seat.member);",
        replace: "const again = Object.hasOwn(members, seat.member);\n  const changed = true;",
      },
      {
        file: join,
        find: "[seat.member]: output }",
        replace: '[again ? seat.member + "." + Object.keys(members).length : seat.member]: output }',
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "go on at a join's last arrival alone",
    rule: "Everyone who sees a set full is told so: whoever filled it may have died before it went on.",
    edits: [
      {
        file: join,
        find: "const full = Object.keys(after).length === seat.of;",
        replace: "const full = changed && Object.keys(after).length === seat.of;",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "stop at a full set below the root",
    rule: "A full set of a tree arrives at the set above it.",
    edits: [
      {
        file: "lib/engine/joins.ts",
        find: "if (!seat.above) return decide();",
        replace: "return seat.above ? WHOLE : decide();",
      },
    ],
    tests: ["test/crash/map.test.ts"],
  },
  {
    name: "skip the decision record of a join",
    rule: "What follows a join is a record like any other decision.",
    edits: [
      {
        file: goOn,
        find: "const { record, mine } = await log.decide(inv.execution, key, made);",
        replace: "const record: DecisionRecord = made;\n  const mine = true;",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
    named: "a parallel with an empty branch",
  },
  {
    name: "follow one's own decision of a join",
    rule: "Who sees a join full writes the decision if there is none, and dispatches the one that stands.",
    edits: [
      {
        file: goOn,
        find: "return inv.dispatch(inv, record.next, !mine);",
        replace: "return inv.dispatch(inv, made.next, !mine);",
      },
    ],
    tests: ["test/crash/races.test.ts"],
  },
];
