import type { Mutant } from "../mutant.ts";

const fork = "lib/engine/fork.ts";
const kernel = "lib/kernel/fork.ts";
const world = ["test/crash/fork.test.ts"];
const inTime = ["test/testing/fork.test.ts"];

export const forking: readonly Mutant[] = [
  {
    name: "open a fork before its records are copied",
    rule: "The header of a fork is put last, so that nothing runs, and nobody reads, what is not whole.",
    edits: [
      {
        file: fork,
        find: `    const whole = await copy(context, delivery, { execution, records, edit });`,
        replace: `    await log.open({ kind: "header", workflow, id, status: "running", epoch: 1, ...opens });
    const whole = await copy(context, delivery, { execution, records, edit });`,
      },
    ],
    tests: world,
    named: "runs what it is to run",
  },
  {
    name: "open a fork before its edit is written",
    rule: "The edit of a fork stands before its header: no execution is in an epoch whose edit is not known.",
    edits: [
      { file: fork, find: `    await log.edit(execution, 1, edit);\n`, replace: "" },
      {
        file: fork,
        find: `epoch: 1, ...opens });`,
        replace: `epoch: 1, ...opens });
    await log.edit(execution, 1, edit);`,
      },
    ],
    tests: world,
    named: "runs what it is to run",
  },
  {
    name: "copy the step that is forked",
    rule: "The step that is forked is not copied: it is done over.",
    edits: [
      { file: kernel, find: "const out = new Set(redriven.edit.void);", replace: "const out = new Set<string>();" },
    ],
    tests: inTime,
  },
  {
    name: "work out a fork's cut again",
    rule: "Where a fork's copied log ends is worked out once, however far the other execution has gone on since.",
    edits: [
      {
        file: fork,
        find: `  if (standing?.kind === "decision") return { record: standing };`,
        replace: `  if (standing?.kind === "decision") {
    const again = planFork(records, { from, input, atMs: clock.now() });
    return { record: again.kind === "edit" ? { ...standing, edit: again.edit } : standing };
  }`,
      },
    ],
    tests: world,
    named: "of what is under way",
  },
  {
    name: "a start that opens a fork",
    rule: "A start of the same id does not open a fork that is not whole.",
    edits: [{ file: "lib/engine/start.ts", find: `if (record.edit) return { kind: "acknowledge" };`, replace: "" }],
    tests: ["test/crash/control-messages.test.ts"],
  },
  {
    name: "run a fork under the other execution's keys",
    rule: "A fork's steps run under idempotency keys of its own.",
    edits: [
      {
        file: "lib/engine/run.ts",
        find: "step: { execution: printExecution(inv.execution), path,",
        replace: `step: { execution: inv.generation.epoch > 0 ? "order/1" : printExecution(inv.execution), path,`,
      },
    ],
    tests: inTime,
  },
  {
    name: "emit again what was copied",
    rule: "Events and detached calls that were copied are not carried out again.",
    edits: [{ file: "lib/engine/dispatch.ts", find: `if ("copied" in effect) return WHOLE;`, replace: "" }],
    tests: inTime,
  },
  {
    name: "undo what another execution has done",
    rule: "A fork does not undo what it has not done itself.",
    edits: [{ file: "lib/kernel/undo.ts", find: ` || attempts.some(({ copied }) => copied)`, replace: "" }],
    tests: inTime,
  },
  {
    name: "take over another execution's timers",
    rule: "What waits in a fork waits from the fork on.",
    edits: [
      {
        file: kernel,
        find: "  const cut = [...frontier(kept).effects.keys()].filter((it) => !kept.has(it));",
        replace: "  const cut = [...frontier(kept).effects.keys()].filter((it) => out.has(it));",
      },
    ],
    tests: inTime,
  },
];
