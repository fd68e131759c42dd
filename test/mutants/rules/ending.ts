import type { Mutant } from "../mutant.ts";

const drain = "lib/engine/drain.ts";
const closeOpen = "lib/engine/close-open.ts";
const step = "lib/kernel/step.ts";
const tests = ["test/crash/every-call.test.ts"];

export const ending: readonly Mutant[] = [
  {
    name: "close a step under its holder",
    rule: "An ending execution waits for a step that is running: its effect may be under way.",
    edits: [
      { file: step, find: `if (request.nowMs < untilMs) return { kind: "held", untilMs };`, replace: "void untilMs;" },
    ],
    tests,
    named: "a branch that fails while another runs",
  },
  {
    name: "end with open steps",
    rule: "An execution ends early only when nothing in its log is open.",
    edits: [
      {
        file: drain,
        find: `const open = await closeOpen(inv, "", header.keep);`,
        replace: `const open: string = "closed";`,
      },
    ],
    tests,
    named: "a branch that fails while another runs",
  },
  {
    name: "end with an open join",
    rule: "The drain closes joins too: they get an empty decision if they have none.",
    edits: [
      {
        file: closeOpen,
        find: "undoingAt(bind.undo, scope) : decideClosed(inv, decideKey(path));",
        replace: `undoingAt(bind.undo, scope) : "closed";`,
      },
    ],
    tests,
    named: "a branch that fails while another runs",
  },
  {
    name: "drop the stop of an execution that is stopping",
    rule: "A stop that comes again goes on with the drain: whoever began it may have died.",
    edits: [
      {
        file: "lib/engine/stop.ts",
        find: "const turned = await inv.log.turn(inv.execution, { ...change, ...(keep && { keep }) });",
        replace: `const turned = await inv.log.turn(inv.execution, { ...change, ...(keep && { keep }) });
  if (!turned) return { kind: "acknowledge" };`,
      },
    ],
    tests,
    named: "a branch that fails while another runs",
  },
  {
    name: "acknowledge a stop that waits for a holder",
    rule: "A stop is acknowledged only when the execution has ended.",
    edits: [
      {
        file: drain,
        find: `if (open === "held") return { kind: "putOff", delayMs: lookAgainMs(delivery.receives, LONGEST_PAUSE_MS) };`,
        replace: `if (open === "held") return { kind: "acknowledge" };`,
      },
    ],
    tests,
    named: "a branch that fails while another runs",
  },
  {
    name: "close what was open at the first look",
    rule: "What settles while the frontier is being closed opens what follows it: the drain looks again.",
    edits: [{ file: closeOpen, find: `if (met.has("late")) continue;`, replace: "" }],
    tests: ["test/crash/control-messages.test.ts"],
  },
  {
    name: "begin a step when the records are about to go",
    rule: "No step begins of an execution that has lived as long as it may: its records go before its messages do.",
    edits: [
      {
        file: "lib/engine/attempt.ts",
        find: "const tooLate = visit.bind.undo ? undefined : outlived(inv.context, inv.execution);",
        replace: "const tooLate = visit.bind.undo ? outlived(inv.context, inv.execution) : undefined;",
      },
    ],
    tests: ["test/testing/lifetime.test.ts"],
  },
  {
    name: "sleep longer than the records stay",
    rule: "No wait is longer than its execution lives.",
    edits: [
      {
        file: "lib/engine/messages.ts",
        find: "const dueAtMs = Math.min(ownMs, livesUntilMs(inv.context, inv.execution));",
        replace: "const dueAtMs = Math.max(ownMs, livesUntilMs(inv.context, inv.execution) - ownMs);",
      },
    ],
    tests: ["test/testing/lifetime.test.ts"],
  },
  {
    name: "outlive the caller",
    rule: "An execution that another one waits for lives no longer than that one.",
    edits: [
      {
        file: "lib/engine/start.ts",
        find: "const expiresAt = Math.min(ownEnd, caller.expiresAt);",
        replace: "const expiresAt = Math.max(ownEnd, caller.expiresAt);",
      },
    ],
    tests: ["test/testing/lifetime.test.ts"],
  },
];
