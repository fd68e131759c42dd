/** What is asked from outside, and answered: callbacks, requests, triggers. */
import type { Mutant } from "../mutant.ts";

const token = "lib/security/token.ts";
const receiving = "lib/security/receive-callback.ts";
const SENT = "header, { signal: callback.signal, id: callback.id, data: parsed }";
const answering = ["test/unit/security/receive-callback.test.ts"];

export const faces: readonly Mutant[] = [
  {
    name: "callback: take a second answer",
    rule: "A callback is answered once: another answer than the first one is refused.",
    edits: [{ file: receiving, find: "if (!isAnswer(decided, answer)) throw used(callback);", replace: "" }],
    tests: answering,
  },
  {
    name: "callback: send an answer before it is recorded",
    rule: "An answer is recorded before its signal is sent, so that no two answers are.",
    edits: [
      { file: receiving, find: `  if (isUnderWay(header)) await parts.sendSignal(${SENT});\n`, replace: "" },
      {
        file: receiving,
        find: "const decided = standing ??",
        replace: `if (isUnderWay(header)) await parts.sendSignal(${SENT});
  const decided = standing ??`,
      },
    ],
    tests: answering,
  },
  {
    name: "callback: take an answer after its time",
    rule: "A callback expires when its token says.",
    edits: [{ file: token, find: "currentDate: new Date(nowMs),", replace: "currentDate: new Date(0)," }],
    tests: answering,
  },
  {
    name: "callback: take what is not signed",
    rule: "What a token says is looked at only once its signature holds.",
    edits: [
      {
        file: token,
        find: `    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(keys, kid), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      currentDate: new Date(nowMs),
    });`,
        replace: `    const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    if (payload.exp * 1000 < nowMs) throw new errors.JWTExpired("late", payload);`,
      },
    ],
    tests: answering,
  },
  {
    name: "undo though a cancel says otherwise",
    rule: "A cancel that is to undo nothing leaves what was done as it is.",
    edits: [
      {
        file: "lib/engine/requests.ts",
        find: "...(request.undo === false && { keep: true as const })",
        replace: "",
      },
    ],
    tests: ["test/testing/undoing.test.ts"],
  },
  {
    name: "ask in a dry run",
    rule: "A dry run asks nothing of anybody.",
    edits: [
      {
        file: "lib/engine/control-many.ts",
        find: "const left = (dryRun ? [] : executions)",
        replace: "const left = executions",
      },
    ],
    tests: ["test/unit/engine/control-many.test.ts"],
  },
  {
    name: "a signal is a new one each time it is asked for",
    rule: "The same id twice is one signal.",
    edits: [
      {
        file: "lib/engine/requests.ts",
        find: `const { signal, data, id: signalId } = request;`,
        replace: "const { signal, data } = request;\n      const signalId = request.id + Math.random();",
      },
    ],
    tests: ["test/testing/waiting.test.ts"],
  },
  {
    name: "free the key of one that runs",
    rule: "A key is free once what runs for it has ended: also where it was redriven since somebody told of its end.",
    edits: [
      {
        file: "lib/engine/triggers.ts",
        find: "if (!header || key === undefined || !hasEnded(header)) return ACKNOWLEDGE;",
        replace: "if (!header || key === undefined) return ACKNOWLEDGE;",
      },
    ],
    tests: ["test/crash/trigger-messages.test.ts"],
  },
  {
    name: "let a schedule's executions overlap",
    rule: "A time of a schedule is passed over while the execution before it runs, unless they may overlap.",
    edits: [
      {
        file: "lib/engine/freed.ts",
        find: `schedule ? (schedule.overlap ? undefined : "ignore")`,
        replace: "schedule ? undefined",
      },
    ],
    tests: ["test/unit/engine/schedules.test.ts"],
  },
  {
    name: "a redrive whose input nobody looks at",
    rule: "An input that breaks the node's schema is refused when it is asked for: else all would be undone by it.",
    edits: [
      {
        file: "lib/engine/requests.ts",
        find: "if (from !== undefined && input !== undefined) checkInput(",
        replace: "if (from === undefined && input !== undefined) checkInput(",
      },
    ],
    tests: ["test/testing/redrive.test.ts"],
  },
  {
    name: "keep an input that was given once",
    rule: "A step that a redrive from a step on does over gets what its mapping gives, unless that redrive says otherwise.",
    edits: [
      {
        file: "lib/kernel/generation.ts",
        find: "if (edit.from !== undefined) this.#inputs.delete(pathOf(key));",
        replace: "",
      },
    ],
    tests: ["test/testing/redrive.test.ts"],
  },
  {
    name: "forget an input that was given",
    rule: "A step that failed under an input which a redrive gave it goes on with that.",
    edits: [
      {
        file: "lib/kernel/generation.ts",
        find: "if (edit.from !== undefined) this.#inputs.delete(pathOf(key));",
        replace: "",
      },
      {
        file: "lib/kernel/generation.ts",
        find: "for (const key of edit.void) this.#voids",
        replace: `for (const key of edit.void) this.#inputs.delete(pathOf(key));
      for (const key of edit.void) this.#voids`,
      },
    ],
    tests: ["test/testing/redrive.test.ts"],
  },
];
