import type { Mutant } from "../mutant.ts";

const step = "lib/kernel/step.ts";
const attempt = "lib/engine/attempt.ts";
const dispatch = "lib/engine/dispatch.ts";
const log = "lib/adapters/single-process/step-log.ts";

export const settling: readonly Mutant[] = [
  {
    name: "settle without fence",
    rule: "A step is settled by the holder of its newest claim alone.",
    edits: [
      {
        file: step,
        find: `record?.status === "running" && record.fence === holder;`,
        replace: `record?.status !== "settled";`,
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
  {
    name: "settle a repeatable step twice",
    rule: "A repeatable step's settling is conditioned on its not being settled.",
    edits: [
      {
        file: step,
        find: `holder === "repeatable" ? record?.status !== "settled"`,
        replace: `holder === "repeatable" ? true`,
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "settle and decision in two writes",
    rule: "Output and decision stand in one write: between two, a crash leaves a settled step that leads nowhere.",
    edits: [
      {
        file: log,
        find: "const settled = settleStep(this.#step(at), settlement);",
        replace: "const settled = settleStep(this.#step(at), { ...settlement, decision: { next: [] } });",
      },
      {
        file: log,
        find: "return this.#write(at, settled);",
        replace: `this.#write(at, () => settled);
    await new Promise(setImmediate);
    const record = { ...settled.record, ...settlement.decision };
    this.#put(at, record);
    return { kind: "written", record };`,
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "write the user's items under a lost fence",
    rule: "The user's writes take effect with the settling or not at all.",
    edits: [
      {
        file: log,
        find: `if (settled.kind === "refused") return settled;\n    const applied`,
        replace: "const applied",
      },
      {
        file: log,
        find: "return this.#write(at, settled);",
        replace: `return settled.kind === "refused" ? settled : this.#write(at, settled);`,
      },
    ],
    tests: ["test/conformance/one-process.test.ts"],
  },
  {
    name: "settle though a condition of the user's does not hold",
    rule: "A condition of the user's that does not hold refuses the settling.",
    edits: [
      {
        file: log,
        find: `if (applied.kind === "unmet") return applied;\n    for (const write of applied.writes)`,
        replace: `for (const write of applied.kind === "unmet" ? [] : applied.writes)`,
      },
    ],
    tests: ["test/conformance/one-process.test.ts"],
  },
  {
    name: "dispatch before settle",
    rule: "Nothing follows a step before its output and its decision are in the log.",
    edits: [
      {
        file: attempt,
        find: "const settled = await log.settle(",
        replace: "const done = await dispatch(inv, decision.next, false);\n  const settled = await log.settle(",
      },
      { file: attempt, find: "return dispatch(inv, decision.next, false);", replace: "return done;" },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "acknowledge before dispatch",
    rule: "A message is acknowledged only after everything that follows is dispatched.",
    edits: [
      {
        file: attempt,
        find: "return dispatch(inv, decision.next, false);",
        replace: "void dispatch(inv, decision.next, false);\n  return WHOLE;",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "acknowledge when fenced",
    rule: "Whoever has lost the fence of a step that has not settled never acknowledges: a newer holder may live on this message.",
    edits: [
      {
        file: "lib/engine/go-on.ts",
        find: "return notWhole((record?.leaseUntilMs ?? 0) - inv.context.clock.now());",
        replace: "return WHOLE;",
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
  {
    name: "acknowledge a settled step's message",
    rule: "Who finds its step settled by another dispatches what it recorded, for the other may have died before that.",
    edits: [
      {
        file: attempt,
        find: `if (claim.kind === "settled") return walkOn(inv, key, claim.record);`,
        replace: `if (claim.kind === "settled") return WHOLE;`,
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "decide again after a crash",
    rule: "Nobody is asked twice where to go: after a crash the recorded decision is carried out.",
    edits: [
      {
        file: attempt,
        find: `if (claim.kind === "settled") return walkOn(inv, key, claim.record);`,
        replace: `if (claim.kind === "settled") {
      inv.atRest.set(key, claim.record);
      const { output, next = [] } = claim.record;
      const anew = output === undefined ? next : (await decideAfter(inv, { key, output }, path, visit.bind)).next;
      return dispatch(inv, anew, true);
    }`,
      },
    ],
    tests: ["test/crash/changing-answers.test.ts"],
  },
  {
    name: "begin an inline step before the one before it is on disk",
    rule: "A step is on disk before the next one begins.",
    edits: [{ file: dispatch, find: "await inv.log.sync(); // on disk before the next step begins", replace: "" }],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "change the end of an execution",
    rule: "An execution ends once: its header changes from a status in which it has not ended.",
    edits: [
      {
        file: "lib/kernel/header.ts",
        find: "|| !from.includes(header.status)) return undefined;",
        replace: "|| from.length === 0) return undefined;",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
];
