/** Races, catches, and what is taken back. */
import type { Mutant } from "../mutant.ts";

const graphs = ["test/crash/undo-graphs.test.ts"];
const pairs = ["test/crash/undo-pairs.test.ts"];
const closeOpen = "lib/engine/close-open.ts";
const closing = "lib/engine/closing.ts";
const undo = "lib/kernel/undo.ts";
const voids = "lib/kernel/voids.ts";

export const undoing: readonly Mutant[] = [
  {
    name: "let every branch win its race",
    rule: "The first to leave a scope is heard, and nobody else.",
    edits: [
      {
        file: closing,
        find: 'goOn(inv, wonKey(scope), async () => ({ next: [{ kind: "close", scope, how, bind }] }));',
        replace: 'inv.dispatch(inv, [{ kind: "close", scope, how, bind }], true);',
      },
    ],
    tests: graphs,
    named: "race.*nothing goes wrong",
  },
  {
    name: "go on before the losers are at rest",
    rule: "What follows a scope that was left begins when nothing in it is at work any more.",
    edits: [
      {
        file: closing,
        find: `if ((await closeOpen(inv, scope)) === "held") return "held";`,
        replace: "await closeOpen(inv, scope);",
      },
    ],
    tests: graphs,
    named: "race.*nothing goes wrong",
  },
  {
    name: "fail the execution by a loser of a race",
    rule: "A failure stops at a race on its way outwards: it competes with the branches for the race's end.",
    edits: [
      {
        file: "lib/kernel/catch.ts",
        find: `if (kind === "race") return { kind: "race", path: owner.path, scope: owner.path, forked: true };`,
        replace: "",
      },
    ],
    tests: ["test/unit/kernel/catch.test.ts"],
  },
  {
    name: "let a failure fall into a scope that was left",
    rule: "A failure that comes out of a scope by its end counts from there, and not from where it began.",
    edits: [
      {
        file: "lib/engine/dispatch.ts",
        find: "isLeft(inv, effect.from ?? effect.error.path)",
        replace: "isLeft(inv, effect.error.path)",
      },
    ],
    tests: graphs,
    named: "loses.*nothing goes wrong",
  },
  {
    name: "run a loser's next step",
    rule: "A step in a scope that another has left does not begin.",
    edits: [
      {
        file: "lib/engine/attempt.ts",
        find: "if (tooLate || left || !mayRun(inv, visit.bind, header))",
        replace: "if (tooLate || !mayRun(inv, visit.bind, header))",
      },
    ],
    tests: graphs,
    named: "a loser's next step",
  },
  {
    name: "undo twice",
    rule: "What a plan has, or had, no other plan has.",
    edits: [
      {
        file: undo,
        find: "!planned.has(undoPath(effect.path)) &&\n    !records.has(stepKey(undoPath(effect.path))) &&",
        replace: "",
      },
    ],
    tests: ["test/unit/kernel/undo.test.ts"],
  },
  {
    name: "undo in the order done",
    rule: "What a step led to is undone before that step.",
    edits: [
      {
        file: undo,
        find: "const stage = height.get(stepKey(effect.path)) ?? 0;",
        replace: "const stage = undone.length - (height.get(stepKey(effect.path)) ?? 0);",
      },
    ],
    tests: graphs,
    named: "chain.*nothing goes wrong",
  },
  {
    name: "undo a failure that was declared",
    rule: "A step that failed on purpose has had no effect.",
    edits: [
      {
        file: undo,
        find: `return last !== undefined && !graph.nodes[state.node]?.errors.includes(last.error?.code ?? "");`,
        replace: "return last !== undefined;",
      },
    ],
    tests: ["test/unit/kernel/undo.test.ts"],
  },
  {
    name: "undo nothing that has no output",
    rule: "A step that was begun may have had its effect, whatever became of it.",
    edits: [
      {
        file: undo,
        find: `return last !== undefined && !graph.nodes[state.node]?.errors.includes(last.error?.code ?? "");`,
        replace: "return false;",
      },
    ],
    tests: graphs,
    named: "chain.*nothing goes wrong",
  },
  {
    name: "drain the catch with the block",
    rule: "A block's catch lies beside its body: who closes the body leaves it alone.",
    edits: [
      {
        file: "lib/kernel/catch.ts",
        find: 'const scope = kind === "block" ?',
        replace: 'const scope = kind === "race" ?',
      },
    ],
    tests: ["test/unit/kernel/catch.test.ts"],
  },
  {
    name: "catch by the same block again",
    rule: "What fails in a catch is not caught by it.",
    edits: [
      {
        file: "lib/kernel/catch.ts",
        find: `if (kind === "block" && owner.branch !== "done") continue;`,
        replace: "",
      },
    ],
    tests: ["test/unit/kernel/catch.test.ts"],
  },
  {
    name: "forget an undo that failed",
    rule: "An undo that came to nothing stops everything, until a person has seen to it.",
    edits: [
      {
        file: "lib/kernel/route.ts",
        find: `if (bind.undo) return { kind: "decided", decision: { next: [{ kind: "stuck", error }] } };`,
        replace: `if (bind.undo) return { kind: "decided", decision: { next: [afterUndo(bind.undo, "decide/#start!input", bind)] } };`,
      },
    ],
    tests: graphs,
    named: "stuckEnd.*nothing goes wrong",
  },
  {
    name: "leave what is stuck within its epoch",
    rule: "Every way out of what is stuck goes by the edit of the next epoch, so that of two who see to it one is followed.",
    edits: [
      {
        file: "lib/engine/stop.ts",
        find: `{ epoch, from: ["stopping"], to: "stopping", keep }`,
        replace: `{ epoch, from: ["stopping", "stuck"], to: "stopping", keep }`,
      },
    ],
    tests: graphs,
    named: "what is stuck",
  },
  {
    name: "redrive what was undone as if it stood",
    rule: "What was undone is done over, with all that it led to.",
    edits: [
      {
        file: voids,
        find: "const asked = alive.filter((key) => key === from || this.#isUndone(key));",
        replace: "const asked = alive.filter((key) => key === from);",
      },
    ],
    tests: ["test/unit/kernel/redrive.test.ts"],
  },
  {
    name: "wake what lies in a scope that was left",
    rule: "A redrive leaves the losers of a race as they are, as long as the race's end holds.",
    edits: [
      {
        file: voids,
        find: "return this.#deadIn(key, all) !== undefined;",
        replace: "return false;",
      },
    ],
    tests: ["test/unit/kernel/redrive.test.ts"],
  },
  {
    name: "plan an inner race's undo under a close from outside",
    rule: "Who closes a scope bars the plan of a race inside first: what that would undo is undone by one of them.",
    edits: [
      {
        file: closeOpen,
        find: "const { record } = await inv.log.decide(inv.execution, undoKey(scope), nothing);",
        replace: "const record = ((await inv.log.read(inv.execution, undoKey(scope))) ?? nothing) as typeof nothing;",
      },
    ],
    tests: pairs,
    named: "undone by one plan",
  },
  {
    name: "close a race inside that undoes its losers",
    rule: "A plan of a race inside that stands is waited for, through all its stages.",
    edits: [
      {
        file: closeOpen,
        find: `if (!record.closed && !keep && (await undoFurther(inv, scope))) return "held";`,
        replace: "",
      },
    ],
    tests: pairs,
    named: "paused at",
  },
  {
    name: "wait for an undo that nobody carries on",
    rule: "What a drain waits for, it sends as well: its message may be lost, or parked.",
    edits: [
      {
        file: "lib/engine/undoing.ts",
        find: "all.push(await inv.dispatch(inv, record?.next ?? [effect], true));",
        replace: "",
      },
    ],
    tests: pairs,
    named: "every stage",
  },
  {
    name: "tell of a race inside, and send nothing of its undo",
    rule: "What undoes a race's losers is sent by who stops the execution as well: it may be parked.",
    edits: [
      {
        file: closeOpen,
        find: `(await undoFurther(inv, scope))) return "held";`,
        replace: `!(await inv.log.read(inv.execution, decideKey(scope)))) return "held";`,
      },
    ],
    tests: pairs,
    named: "paused at",
  },
  {
    name: "go on running beside an undo that failed",
    rule: "An undo that came to nothing stops an execution that runs, and not only one that is stopping.",
    edits: [
      {
        file: "lib/engine/ends.ts",
        find: 'const from = ["running", "paused", "stopping"] as const;',
        replace: 'const from = ["stopping"] as const;',
      },
    ],
    tests: graphs,
    named: "stuckRace.*nothing goes wrong",
  },
  {
    name: "take an undo's join for a set of its race",
    rule: "The joins of an undo's stages are joins of their own, and no sets of the scope's.",
    edits: [{ file: "lib/kernel/generation.ts", find: "key.search(/#\\d+\\.\\d+$/)", replace: `key.indexOf("#")` }],
    tests: ["test/unit/kernel/generation.test.ts"],
  },
  {
    name: "redrive a race's failure and not its cause",
    rule: "A failure that went out of a scope began inside: a redrive does over what it began with.",
    edits: [
      {
        file: voids,
        find: `if (how?.kind === "failed" || how?.kind === "tolerated") {`,
        replace: `if (how?.kind === "tolerated") {`,
      },
    ],
    tests: ["test/unit/kernel/redrive.test.ts"],
  },
  {
    name: "redrive from a step of a scope that is over",
    rule: "What lies in a scope that another has left is not redriven by itself: it would run beside what follows the scope.",
    edits: [
      {
        file: "lib/kernel/redrive.ts",
        find: "if (from !== undefined && !all.has(stepKey(from)))",
        replace: "if (false)",
      },
    ],
    tests: ["test/testing/redrive.test.ts"],
  },
  {
    name: "look for what undid a step in this generation alone",
    rule: "A step whose undo has begun, in whichever generation, counts as undone.",
    edits: [
      {
        file: voids,
        find: "return [this.#past.records.get(undo), ...this.#past.earlier(undo)].some(",
        replace: "return [this.#past.records.get(undo)].some(",
      },
    ],
    tests: ["test/unit/kernel/redrive.test.ts"],
  },
  {
    name: "undo again what a plan that is void has undone",
    rule: "What undoes a step is void with that step, or while it has done nothing: whatever plan led to it.",
    edits: [
      {
        file: voids,
        find: "return new Set([...found].filter((key) => undoneKeyOf(key) === undefined));",
        replace: "return found;",
      },
    ],
    tests: pairs,
    named: "deeper.*a redrive from whichever step",
  },
  {
    name: "open what nobody waits for",
    rule: "A plan of undo that was not carried out, of a scope that nobody goes on from, is given up by a redrive.",
    edits: [{ file: voids, find: ", ...this.#givenUp(undos, effects, all)", replace: "" }],
    tests: ["test/unit/kernel/redrive.test.ts"],
  },
  {
    name: "look again for what is parked",
    rule: "While an execution is paused, nobody looks again for what waits until it is resumed.",
    edits: [
      {
        file: "lib/engine/receive.ts",
        find: `if (closed === "held" && status === "paused") return DONE;`,
        replace: "",
      },
    ],
    tests: pairs,
    named: "stands still",
  },
  {
    name: "resume without what was to be closed",
    rule: "A resume sends again what parked, and what is to be closed and waits for that.",
    edits: [
      {
        file: "lib/engine/pause.ts",
        find: `if (open.kind === "close") await transport.send([closeMessage(inv, open)]);`,
        replace: "void open;",
      },
    ],
    tests: pairs,
    named: "stands still",
  },
  {
    name: "undo what began in this generation alone",
    rule: "A step that began in an older generation, under the key that it still has, may have had its effect.",
    edits: [
      {
        file: undo,
        find: "[records.get(stepKey(path)), ...generation.earlierPlaces(stepKey(path)).map((place) => log.get(place))].filter(",
        replace: "[records.get(stepKey(path))].filter(",
      },
    ],
    tests: ["test/unit/kernel/undo.test.ts"],
  },
  {
    name: "forget what had begun when a lease is given back",
    rule: "A step that somebody began, and that another gives back before it began it again, may have had its effect.",
    edits: [
      {
        file: "lib/kernel/step.ts",
        find: "const begun = fence > FIRST_FENCE && startedAtMs !== undefined && { startedAtMs };",
        replace: "const begun = {};",
      },
    ],
    tests: ["test/unit/kernel/step.test.ts"],
  },
  {
    name: "take a lease that is given back for a beginning",
    rule: "Whoever gives its lease back before its handler began has begun nothing: no undo is asked for it.",
    edits: [
      {
        file: "lib/kernel/step.ts",
        find: "const begun = fence > FIRST_FENCE && startedAtMs",
        replace: "const begun = startedAtMs",
      },
    ],
    tests: ["test/unit/kernel/step.test.ts"],
  },
];
