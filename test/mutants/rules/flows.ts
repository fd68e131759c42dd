import type { Mutant } from "../mutant.ts";

const mailbox = "lib/kernel/mailbox.ts";
const route = "lib/kernel/route.ts";
const waits = "lib/engine/waits.ts";
const calls = "lib/engine/calls.ts";
const decide = "lib/engine/decide.ts";
const receive = "lib/engine/receive.ts";
const control = "lib/engine/control.ts";
const closeOpen = "lib/engine/close-open.ts";
const messages = "lib/engine/messages.ts";
const goOn = "lib/engine/go-on.ts";
const byHand = ["test/crash/flow-messages.test.ts"];
const routing = ["test/unit/kernel/route-flows.test.ts"];
const world = ["test/crash/world-flows.test.ts"];

export const flows: readonly Mutant[] = [
  {
    name: "take a signal twice",
    rule: "A signal that was used up is known by its id, and is not given out again.",
    edits: [
      {
        file: mailbox,
        find: `if (record.known.includes(id)) return unchanged(record, { kind: "known" });`,
        replace: "",
      },
    ],
    tests: byHand,
  },
  {
    name: "let a timeout overtake an assigned signal",
    rule: "A wait that has been given a signal goes on with it, whatever time it is.",
    edits: [
      {
        file: mailbox,
        find: `if (known && known.kind !== "waiting") return unchanged(record, known);`,
        replace: `if (known?.kind === "left") return unchanged(record, known);`,
      },
    ],
    tests: byHand,
  },
  {
    name: "forget a signal before its decision stands",
    rule: "A signal stays in its mailbox until the decision that takes it stands.",
    edits: [
      {
        file: waits,
        find: "const whole = await goOnWith(inv, { path, bind }, data);",
        replace: `await inv.log.mail(inv.execution, signal, { kind: "forget", place });
  const whole = await goOnWith(inv, { path, bind }, data);`,
      },
    ],
    tests: byHand,
  },
  {
    name: "forget a signal before what follows is carried on",
    rule: "A signal's message, delivered again, finds whose it is until all that it led to is carried on.",
    edits: [{ file: waits, find: "if (whole.whole) await inv.log.mail(", replace: "await inv.log.mail(" }],
    tests: byHand,
  },
  {
    name: "forget a wait with its signal",
    rule: "A wait that is over takes no other signal, however late its message comes again.",
    edits: [
      {
        file: mailbox,
        find: `return changed(record, { ...goneWith(record, place), ...used }, { kind: "left" });`,
        replace: `return changed(record, { ...used }, { kind: "left" });`,
      },
    ],
    tests: byHand,
  },
  {
    name: "give a signal to the generation before",
    rule: "A signal that comes while its execution is redriven goes to who waits in the generation that holds.",
    edits: [{ file: receive, find: "!== answer.place) return {", replace: "!== answer.place && false) return {" }],
    tests: byHand,
  },
  {
    name: "ring early",
    rule: "What waits for a time goes on then, and not before.",
    edits: [
      {
        file: receive,
        find: "const earlyMs = dueAtMs - context.clock.now();",
        replace: "const earlyMs = Math.min(0, dueAtMs);",
      },
    ],
    tests: byHand,
  },
  {
    name: "leave what a timer has decided to others",
    rule: "A timer whose wait is decided carries on what was decided: whoever did so may have died.",
    edits: [
      {
        file: receive,
        find: "const standing = signal === undefined ? undefined : await",
        replace: "if (await inv.log.read(inv.execution, decideKey(path))) return DONE;\n  const standing = await",
      },
    ],
    tests: byHand,
  },
  {
    name: "count a redriven wait from its first beginning",
    rule: "A wait that a redrive does over is due as long after the redrive.",
    edits: [
      {
        file: messages,
        find: "const anewMs = inv.generation.voidedAtMs(key);",
        replace: "const anewMs = inv.generation.voidedAtMs(key + path);",
      },
    ],
    tests: byHand,
  },
  {
    name: "wait again for what has come",
    rule: "What had come before a redrive stands, where only what followed from it has failed.",
    edits: [
      {
        file: goOn,
        find: `if (record?.kind === "decision" && !record.closed) return record;`,
        replace: `if (record?.kind === "decision" && record.closed) return record;`,
      },
    ],
    tests: byHand,
  },
  {
    name: "lose a signal that comes while its execution is ending",
    rule: "A wait that is closed has the signal that it was given, for whoever goes on with the execution later.",
    edits: [
      {
        file: closeOpen,
        find: `if (answer.kind !== "assigned") return decideClosed(inv, key);`,
        replace: `if (answer.kind !== "waiting") return decideClosed(inv, key);`,
      },
    ],
    tests: byHand,
  },
  {
    name: "abort what a redrive has begun",
    rule: "A message that stops nothing aborts nothing.",
    edits: [{ file: "lib/engine/stop.ts", find: "if (turned || kept) context", replace: "context" }],
    tests: byHand,
  },
  {
    name: "call the same execution in each generation",
    rule: "A call that a redrive does over starts an execution of its own.",
    edits: [
      {
        file: decide,
        find: "place: generation.place(decideKey(path)) });",
        replace: "place: generation.place(path) && decideKey(path) });",
      },
    ],
    tests: byHand,
  },
  {
    name: "leave the same execution alone in each generation",
    rule: "A call that nothing waits for starts an execution of its own where it is decided anew.",
    edits: [
      {
        file: decide,
        find: "const epoch = generation.effectEpoch(decidedAt);",
        replace: "const epoch = generation.effectEpoch(decidedAt + path);",
      },
    ],
    tests: byHand,
  },
  {
    name: "hear the end of another execution",
    rule: "A call goes on with the end of the execution that it started, and of no other.",
    edits: [{ file: calls, find: "if (child.id !== childId(inv, path)) return WHOLE;", replace: "" }],
    tests: byHand,
  },
  {
    name: "start what is refused",
    rule: "A called workflow whose schema refuses its input does not start, and its caller hears why.",
    edits: [
      {
        file: control,
        find: `if (typeof begun !== "string") return start(context, delivery, begun);`,
        replace: `return start(context, delivery, typeof begun === "string" ? message : begun);`,
      },
    ],
    tests: byHand,
  },
  {
    name: "call without end",
    rule: "Executions call each other 32 deep and no deeper.",
    edits: [{ file: calls, find: "?.parent?.depth ?? 0) + 1;", replace: "?.parent?.depth ?? 0);" }],
    tests: byHand,
    named: "is not answered by another|goes 32",
  },
  {
    name: "cancel a call that has not begun by forgetting it",
    rule: "An execution that ends starts what it has called and not yet begun, cancels it, and waits for its end.",
    edits: [
      {
        file: closeOpen,
        find: "if (!header) await transport.send([await startOfChild(inv, effect)]);",
        replace: "if (!header) return decideClosed(inv, decideKey(path));",
      },
    ],
    tests: byHand,
  },
  {
    name: "take a cancelled call for a failure",
    rule: "What a cancel has taken along is called again by a redrive, and caught by nothing.",
    edits: [
      {
        file: closeOpen,
        find: `hasEnded(header) && header.status !== "succeeded") return`,
        replace: "hasEnded(header) && false) return",
      },
    ],
    tests: byHand,
  },
  {
    name: "say nothing of an end that was not told",
    rule: "Whoever carried an execution's end tells its caller, also when another before it has turned the header.",
    edits: [{ file: receive, find: "await tellEnd(inv, header);", replace: "" }],
    tests: world,
    named: "callsDeeper",
  },
  {
    name: "count a loop's rounds one too many",
    rule: "A loop that is not done after as many rounds as its limit says has failed.",
    edits: [{ file: route, find: "if (n >= state.max)", replace: "if (n > state.max)" }],
    tests: routing,
  },
  {
    name: "give each round the number of the one before",
    rule: "Each round of a loop has a number, and so a path, of its own.",
    edits: [
      {
        file: route,
        find: "this.#round(here, n + 1, bind.prev);",
        replace: "this.#round(here, Math.max(2, n), bind.prev);",
      },
    ],
    tests: routing,
  },
];
