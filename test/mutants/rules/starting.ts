import type { Mutant } from "../mutant.ts";

const start = "lib/engine/start.ts";
const engine = "lib/engine/engine.ts";
const log = "lib/adapters/single-process/step-log.ts";

export const starting: readonly Mutant[] = [
  {
    name: "put the header over the one that stands",
    rule: "The header is put if there is none: the same id starts one execution.",
    edits: [{ file: log, find: "if (standing) return standing;", replace: "" }],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "end a start that has begun",
    rule: "What stands already never ends a start: the rest is always done again.",
    edits: [
      {
        file: start,
        find: "return open(context, delivery, { name: message,",
        replace: `if (await context.log.header(message)) return { kind: "acknowledge" };
  return open(context, delivery, { name: message,`,
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "follow one's own decision of a start",
    rule: "Of two who start an execution at once, both go where the first of them decided.",
    edits: [
      {
        file: start,
        find: "return { inv, ...(await log.decide(inv.execution, START_KEY, record)) };",
        replace: "return { inv, ...(await log.decide(inv.execution, START_KEY, record)), record };",
      },
    ],
    tests: ["test/crash/races.test.ts"],
  },
  {
    name: "tell once that a key is free",
    rule: "An end is told again by whoever finds it: the worker may have died between the two.",
    edits: [
      {
        file: "lib/engine/ends.ts",
        find: "const header = turned ?? (await inv.log.header(inv.execution));",
        replace: "const header = turned;",
      },
    ],
    tests: ["test/crash/triggers.test.ts"],
  },
  {
    name: "open only what was not next before",
    rule: "Who is next for a key is opened by everybody who hears of it: whoever let the one before go may have died.",
    edits: [
      {
        file: "lib/engine/triggers.ts",
        find: "return next === undefined ? ACKNOWLEDGE : openNext(",
        replace: "return next === undefined || delivery.receives > 1 ? ACKNOWLEDGE : openNext(",
      },
    ],
    tests: ["test/crash/triggers.test.ts"],
  },
  {
    name: "take a key before the start is recorded",
    rule: "What an execution begins with is recorded before it takes its key: else nobody could start it when it is next.",
    edits: [
      {
        file: "lib/engine/triggers.ts",
        find: `const begun = mayWait(whenRunning) ||`,
        replace: `const begun = !mayWait(whenRunning) &&`,
      },
      { file: "lib/engine/triggers.ts", find: "begun: begun !== undefined });", replace: "begun: true });" },
    ],
    tests: ["test/crash/triggers.test.ts"],
  },
  {
    name: "tell whoever runs by now",
    rule: "An event that one execution was told is no other one's, however often it comes.",
    edits: [
      {
        file: "lib/kernel/occupancy.ts",
        find: 'if (hearer !== undefined) return unchanged(record, { kind: "tells", running: hearer });',
        replace: 'if (hearer !== undefined) return unchanged(record, { kind: "tells", running: running ?? hearer });',
      },
    ],
    tests: ["test/unit/kernel/occupancy.test.ts"],
  },
  {
    name: "an event's signal is a new one each time",
    rule: "A signal that an event gives has an id of the event: the mailbox takes it once.",
    edits: [
      {
        file: "lib/engine/triggers.ts",
        find: "signalId: `event:",
        replace: "signalId: Math.random() + `event:",
      },
    ],
    tests: ["test/crash/triggers.test.ts"],
  },
  {
    name: "accept a start that is not on disk",
    rule: "`start` answers only once its message is on disk.",
    edits: [
      {
        file: engine,
        find: "await log.sync();\n    return { execution, started };",
        replace: "return { execution, started };",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "tell of an end that is not on disk",
    rule: "Nobody is told of an end before it is on disk.",
    edits: [{ file: engine, find: "await this.#onDisk();", replace: "" }],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "go on with the newest graph",
    rule: "An execution keeps the graph that it started with.",
    edits: [
      {
        file: "lib/engine/programs.ts",
        find: "const known = this.#byHash.get(hash);",
        replace: "const known = this.#newest.get(workflow);",
      },
    ],
    tests: ["test/crash/deploy.test.ts"],
  },
  {
    name: "bury what an unknown graph sent at once",
    rule: "A message of a graph that is not stored yet is put off: a deploy is under way.",
    edits: [
      {
        file: "lib/engine/context.ts",
        find: "clock.now() < delivery.sentAtMs + DEPLOY_MS",
        replace: "clock.now() < delivery.sentAtMs + DEPLOY_MS * 0",
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
  {
    name: "put off for ever what an unknown graph sent",
    rule: "After an hour, a message of a graph that is not stored becomes a dead letter with a reason.",
    edits: [
      {
        file: "lib/engine/context.ts",
        find: "clock.now() < delivery.sentAtMs + DEPLOY_MS",
        replace: "clock.now() < delivery.sentAtMs + DEPLOY_MS * 1000",
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
];
