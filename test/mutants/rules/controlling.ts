import type { Mutant } from "../mutant.ts";

const pause = "lib/engine/pause.ts";
const park = "lib/engine/park.ts";
const redrive = "lib/engine/redrive.ts";
const generationLog = "lib/engine/generation-log.ts";
const log = "lib/adapters/single-process/step-log.ts";
const header = "lib/kernel/header.ts";
const context = "lib/engine/context.ts";
const byHand = ["test/crash/control-messages.test.ts"];

export const controlling: readonly Mutant[] = [
  {
    name: "run in a paused execution",
    rule: "No step begins in an execution that is known to be paused.",
    edits: [
      {
        file: context,
        find: `(header.status === "running" ||`,
        replace: `(header.status === "running" || header.status === "paused" ||`,
      },
    ],
    tests: byHand,
  },
  {
    name: "drop a step's message at a paused execution",
    rule: "A step that comes to a paused execution is parked in its log before its message is acknowledged.",
    edits: [
      {
        file: park,
        find: `if (header?.status !== "paused" || header.epoch !== inv.generation.epoch) return WHOLE;`,
        replace: `if (header?.status !== "running" || header.epoch !== inv.generation.epoch) return WHOLE;`,
      },
    ],
    tests: byHand,
  },
  {
    name: "park without checking that the execution is still paused",
    rule: "Parking is one write, conditioned on the execution's still being paused.",
    edits: [
      {
        file: log,
        find: `if (header?.status !== "paused" || header.epoch !== parked.epoch) return false;`,
        replace: "if (header?.epoch !== parked.epoch) return false;",
      },
    ],
    tests: byHand,
  },
  {
    name: "acknowledge what could not be parked",
    rule: "A message that could not be parked, since the execution was resumed, comes back.",
    edits: [
      { file: park, find: "return parked ? WHOLE : notWhole(GLANCE_MS);", replace: "return parked ? WHOLE : WHOLE;" },
    ],
    tests: byHand,
  },
  {
    name: "delete parked messages that were not listed",
    rule: "A resume deletes each parked message on condition that it is the one that was sent.",
    edits: [
      {
        file: log,
        find: `if (standing?.kind === "parked" && standing.id === id)`,
        replace: `if (standing?.kind === "parked" && id)`,
      },
    ],
    tests: byHand,
  },
  {
    name: "delete a parked message before it is sent",
    rule: "A parked message is sent before it is deleted.",
    edits: [
      {
        file: pause,
        find: "if (parked.epoch === epoch) await transport.send([stepMessage(inv, parked)]);",
        replace: "",
      },
      {
        file: pause,
        find: "await log.unpark(inv.execution, parked.path, parked.id);",
        replace: `await log.unpark(inv.execution, parked.path, parked.id);
    if (parked.epoch === epoch) await transport.send([stepMessage(inv, parked)]);`,
      },
    ],
    tests: byHand,
  },
  {
    name: "end a resume that has begun",
    rule: "A resume that is delivered again does what the first time left.",
    edits: [
      {
        file: pause,
        find: `await log.turn(inv.execution, { epoch, turns, from: ["paused"], to: "running" });`,
        replace: `if (!(await log.turn(inv.execution, { epoch, turns, from: ["paused"], to: "running" })))
    return { kind: "acknowledge" };`,
      },
    ],
    tests: byHand,
  },
  {
    name: "pause and resume whenever asked",
    rule: "A request to pause or resume is carried out once, however late a copy of it comes.",
    edits: [
      {
        file: header,
        find: "if (turns !== undefined && turns !== (header.turns ?? 0)) return undefined;",
        replace: "",
      },
    ],
    tests: byHand,
  },
  {
    name: "turn the status of a later generation",
    rule: "A message of an older epoch changes no header.",
    edits: [
      {
        file: header,
        find: "if (!header || header.epoch !== epoch ||",
        replace: "if (!header || header.epoch < epoch ||",
      },
    ],
    tests: ["test/conformance/one-process.test.ts"],
  },
  {
    name: "run a step of an older generation",
    rule: "A step's message of an older epoch is acknowledged and its step does not run.",
    edits: [
      {
        file: context,
        find: "header?.epoch === generation.epoch &&",
        replace: "header !== undefined && header.epoch >= generation.epoch &&",
      },
    ],
    tests: byHand,
  },
  {
    name: "a claim at epoch 0 after an edit",
    rule: "After an edit a step is claimed where its newest edit has put it.",
    edits: [
      {
        file: generationLog,
        find: "claim: at((...of) => log.claim(...of)),",
        replace: "claim: (...of) => log.claim(...of),",
      },
    ],
    tests: byHand,
  },
  {
    name: "a dead letter at epoch 0 after an edit",
    rule: "A dead letter looks for its step in its own generation.",
    edits: [{ file: "lib/engine/dead-letter.ts", find: "const { log } = inv;", replace: "const { log } = context;" }],
    tests: byHand,
  },
  {
    name: "edit an epoch twice",
    rule: "The edit of an epoch is put if there is none: it never changes.",
    edits: [{ file: log, find: `if (standing?.kind === "edit") return standing;`, replace: "" }],
    tests: ["test/conformance/one-process.test.ts"],
  },
  {
    name: "end a redrive that has begun",
    rule: "A redrive that is delivered again does what the first time left.",
    edits: [
      {
        file: redrive,
        find: `return heal(context, delivery, { ...message, kind: "heal", epoch: epoch + 1 });`,
        replace: `return header?.epoch === epoch
    ? heal(context, delivery, { ...message, kind: "heal", epoch: epoch + 1 })
    : { kind: "acknowledge" };`,
      },
    ],
    tests: byHand,
  },
  {
    name: "reopen before the edit is written",
    rule: "The edit stands before the header enters its epoch: no execution is in an epoch whose edit is not known.",
    edits: [
      {
        file: redrive,
        find: "const { ends } = await context.log.edit(execution, epoch + 1, planned.edit);",
        replace: "const { ends } = planned.edit;",
      },
      {
        file: redrive,
        find: "await context.log.turn(execution, { epoch, from: [status], reopen: true, ...(ending ?? { to }) });",
        replace: `await context.log.turn(execution, { epoch, from: [status], reopen: true, ...(ending ?? { to }) });
  await context.log.edit(execution, epoch + 1, planned.edit);`,
      },
    ],
    tests: byHand,
  },
  {
    name: "give a failed step a new key",
    rule: "A step that failed keeps its idempotency key when it is redriven, since its effect may have happened.",
    edits: [{ file: "lib/kernel/redrive.ts", find: "anew: [...anew],", replace: "anew: [...all]," }],
    tests: byHand,
  },
  {
    name: "heal from the first steps on",
    rule: "A heal dispatches again what every record says, from the start on.",
    edits: [
      {
        file: redrive,
        find: "await atOnce([START_KEY, ...frontier(records).reached], async",
        replace: "await atOnce([...frontier(records).reached], async",
      },
    ],
    tests: byHand,
  },
  {
    name: "heal nothing of an execution that is stopping",
    rule: "A heal goes on with the drain of an execution that is stopping.",
    edits: [
      {
        file: redrive,
        find: `if (header.status === "stopping") return drain(inv, delivery);`,
        replace: `if (header.status === "stopping") return { kind: "acknowledge" };`,
      },
    ],
    tests: byHand,
  },
  {
    name: "forget what was remembered first",
    rule: "What a handler remembers under a name first stays.",
    edits: [
      {
        file: "lib/kernel/step.ts",
        find: "{ [m.name]: m.value, ...before.memo }",
        replace: "{ ...before.memo, [m.name]: m.value }",
      },
    ],
    tests: ["test/conformance/one-process.test.ts"],
  },
  {
    name: "remember without fence",
    rule: "A handler remembers by a write under its claim's fence.",
    edits: [
      {
        file: "lib/kernel/step.ts",
        find: `if (!holds(record, m.holder)) return { kind: "refused", record };\n  const before`,
        replace: "const before",
      },
    ],
    tests: ["test/conformance/one-process.test.ts"],
  },
];
