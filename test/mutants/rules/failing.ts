import type { Mutant } from "../mutant.ts";

const step = "lib/kernel/step.ts";
const setback = "lib/engine/setback.ts";
const deadLetter = "lib/engine/dead-letter.ts";

export const failing: readonly Mutant[] = [
  {
    name: "forget failures",
    rule: "Each failure is counted, in the write that ends the lease.",
    edits: [{ file: step, find: "[counter]: kept[counter] + 1,", replace: "[counter]: kept[counter]," }],
    tests: ["test/crash/every-call.test.ts"],
    named: "failures and a crash",
  },
  {
    name: "one attempt too many",
    rule: "A step has at most so many attempts as its node says.",
    edits: [{ file: setback, find: "if (count >= (a.visit", replace: "if (count > (a.visit" }],
    tests: ["test/crash/retries.test.ts"],
  },
  {
    name: "try a final failure again",
    rule: "A failure that its handler calls final is not tried again.",
    edits: [
      {
        file: setback,
        find: "(codes === undefined ? came.final",
        replace: "(codes === undefined ? came.final === undefined",
      },
    ],
    tests: ["test/crash/retries.test.ts"],
  },
  {
    name: "count a crash as a failure",
    rule: "Crashes and failures are counted apart: a crash uses up no attempt.",
    edits: [{ file: setback, find: `came.kind === "crashed" ? "crash" : "fail"`, replace: `"fail"` }],
    tests: ["test/crash/every-call.test.ts"],
    named: "failures and a crash",
  },
  {
    name: "acknowledge a failure with no message to carry the step on",
    rule: "After a failure a new message carries the step on, before the one at hand is acknowledged.",
    edits: [
      {
        file: setback,
        find: "await transport.send([stepMessage(inv, { ...a.visit, attempt: a.attempt + 1 }, delayMs)]);",
        replace: "",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
    named: "failures and a crash",
  },
  {
    name: "send the next attempt with no delay",
    rule: "The message of the next attempt comes when the delay is over.",
    edits: [
      { file: setback, find: "attempt: a.attempt + 1 }, delayMs)]);", replace: "attempt: a.attempt + 1 }, 0)]);" },
    ],
    tests: ["test/crash/retries.test.ts"],
  },
  {
    name: "drop a dead letter that has no step",
    rule: "A dead letter is a message like any other: a step that nobody began is sent afresh.",
    edits: [
      {
        file: deadLetter,
        find: "const startedAtMs = clock.now();",
        replace: `if (!record) return { kind: "acknowledge" };\n  const startedAtMs = clock.now();`,
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
  {
    name: "settle a dead letter's step at once",
    rule: "A dead letter counts a crash and sends its step afresh; only the third crash settles it.",
    edits: [
      {
        file: deadLetter,
        find: 'const came = { kind: "crashed", message:',
        replace: 'const came = { kind: "error", code: "crashed", final: true, message:',
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
  {
    name: "drop a dead letter whose step has settled",
    rule: "A dead letter whose step has settled dispatches again what it recorded.",
    edits: [
      {
        file: deadLetter,
        find: `if (record?.kind === "step" && record.status === "settled")
    return outcomeOf(await walkOn(inv, stepKey(path), record));`,
        replace: `if (record?.kind === "step" && record.status === "settled") return { kind: "acknowledge" };`,
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
  {
    name: "drop a dead letter whose step is held",
    rule: "A dead letter whose step is held is put off until the lease ends.",
    edits: [
      {
        file: deadLetter,
        find: `if (claim?.kind === "held") return { kind: "putOff", delayMs: Math.max(1, claim.untilMs - startedAtMs) };`,
        replace: `if (claim?.kind === "held") return { kind: "acknowledge" };`,
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
];
