/** Steps as calls of the builder, formatted as the formatter leaves them. */
import {
  breaks,
  broken,
  type Doc,
  either,
  group,
  hardline,
  indent,
  joined,
  line,
  lined,
  opening,
  softline,
  trailing,
} from "./layout.ts";
import { isObjectDoc, printTest, printValue, quoted, type Use, usesS } from "./print-value.ts";
import { valuesIn } from "./test.ts";
import type { Branch, ChoiceStep, MapStep, OutcomeStep, Step, TaskStep } from "./tree.ts";
import type { Value } from "./value.ts";
import { isLiteralList } from "./value.ts";

/** A method and what it is called with. */
export interface Call {
  readonly text: Doc;
  /** Its arguments are names, texts and numbers. */
  readonly isPlain: boolean;
  /** With its last argument's lines broken, where that is an object, or a function that gives one. */
  readonly broken?: Doc;
  /** One of them is a function. */
  readonly hasFunction?: true;
}

/** @param head what the chain begins with: a name, or a call that counts as one of them */
export function printChain(head: Doc, calls: readonly Call[], headCalls = 0): Doc {
  const texts = calls.map((call) => call.text);
  const [last, before] = [texts.at(-1), calls.slice(0, -1)];
  const flat: Doc = [head, ...texts];
  if (last === undefined || before.length === 0) return flat;
  const expanded: Doc = [head, indent(...texts.flatMap((text) => [hardline, text]))];
  const isLong = calls.length + headCalls > 2 && calls.some((call) => !call.isPlain);
  const hasFunction = before.some((call) => call.hasFunction);
  if (isLong || before.some(({ text }) => breaks(text)) || (hasFunction && breaks(last))) return expanded;
  // An object with broken lines stays beside the calls before it.
  const beside = hasFunction ? undefined : calls.at(-1)?.broken;
  if (!beside) return either(group(...flat), expanded);
  return either(group(...flat), lined(last, expanded), [head, ...texts.slice(0, -1), beside], expanded);
}

export function printSteps(steps: readonly Step[], use: Use): readonly Call[] {
  return steps.map((step) => printStep(step, use));
}

function printStep(step: Step, use: Use): Call {
  switch (step.kind) {
    case "task":
      return printTask(step, use);
    case "set":
      return complex("set", step.name, slotArg(step.value, use));
    case "choice":
      return printChoice(step, use);
    case "outcome":
      return complex("choice", step.name, { doc: outcome(step) }, { doc: branches(step.branches, use) });
    case "parallel":
      return complex("parallel", step.name, { doc: branches(step.branches, use) });
    case "map":
      return printMap(step, use);
    case "wait":
      return { ...withOptions("wait", quoted(step.name), [["for", `"${duration(step.seconds)}"`]]), isPlain: true };
    case "until":
      return withOptions("wait", quoted(step.name), [["until", `() => "${step.time}"`]]);
    case "fail":
      return complex("fail", step.code, slotArg(step.message, use));
    case "succeed":
      return complex("succeed", "", slotArg(step.output, use));
    case "block": {
      const caught = lines([["catch", branches(step.catches, use)]]);
      return complex("block", step.name, { doc: arrow("(b)", printBranch(step.body, use)) }, { doc: caught });
    }
  }
}

/** An argument; `broken`: as the last one, beside the bracket and with its lines broken. */
interface Arg {
  readonly doc: Doc;
  readonly isObject?: true;
  readonly broken?: Doc;
  /** The same, but only where there is no other. */
  readonly alone?: Doc;
}
function complex(method: string, name: string, ...rest: readonly Arg[]): Call {
  const args = [...(name === "" ? [] : [{ doc: quoted(name) }]), ...rest];
  const last = args.at(-1);
  const before = args.slice(0, -1).flatMap(({ doc }) => [doc, ", "]);
  return {
    text: [`.${method}`, printArgs(args)],
    isPlain: false,
    ...(last?.isObject && last.broken && { broken: [`.${method}(`, ...before, last.broken, ")"] }),
    ...(TAKE_FUNCTIONS.has(method) && { hasFunction: true as const }),
  };
}
const TAKE_FUNCTIONS: ReadonlySet<string> = new Set(["set", "fail", "succeed", "choice", "block", "output"]);

/** The last argument stays beside the bracket where the others fit before it. */
function printArgs(args: readonly Arg[]): Doc {
  const docs = args.map(({ doc }) => doc);
  const before = docs.slice(0, -1).flatMap((doc) => [doc, ", "]);
  const last = args.at(-1);
  const apart: Doc = ["(", indent(hardline, ...joined(docs, [",", hardline]), ","), hardline, ")"];
  if (docs.slice(0, -1).some(breaks)) return apart;
  const flat: Doc = ["(", ...before, last?.doc ?? "", ")"];
  const beside = last?.broken ?? (before.length === 0 ? last?.alone : undefined);
  return either(flat, ...(beside ? [["(", ...before, beside, ")"]] : []), apart);
}

function printTask(step: TaskStep, use: Use): Call {
  const node = step.node === step.name ? step.node : `${step.node}.as(${quoted(step.name)})`;
  const options: [string, Doc][] = [
    ...(step.input ? [["input", slot(step.input, use)] as [string, Doc]] : []),
    ...(step.timeoutSeconds === undefined ? [] : [["timeout", `"${duration(step.timeoutSeconds)}"`] as [string, Doc]]),
    ...(step.heartbeatSeconds === undefined
      ? []
      : [["heartbeat", `"${duration(step.heartbeatSeconds)}"`] as [string, Doc]]),
  ];
  if (options.length === 0) return { text: `.task(${node})`, isPlain: true };
  return { ...withOptions("task", node, options), isPlain: !step.input };
}

function withOptions(method: string, first: string, options: readonly (readonly [string, Doc])[]): Call {
  const fields = joined(
    options.map(([name, value]) => [`${name}: `, value]),
    [",", line],
  );
  const doc = group("{", indent(line, ...fields), trailing, line, "}");
  const text: Doc = [`.${method}`, printArgs([{ doc: first }, { doc, broken: broken(doc) }])];
  return { text, isPlain: false, broken: [`.${method}(${first}, `, broken(doc), ")"] };
}

function printMap({ name, over, each, concurrency }: MapStep, use: Use): Call {
  const list = printValue(over, use);
  // Literals have narrower types than what is asked of them later.
  const isLiteral = over.kind === "items" && isLiteralList(over.of) && !over.each;
  const returns = isLiteral ? `: ${use("type Json")}[]` : "";
  const options = lines([
    ["over", arrow(`${usesS(over) ? "(s)" : "()"}${returns}`, list)],
    ["each", arrow("(b)", printBranch(each, use))],
    ["concurrency", String(concurrency)],
  ]);
  return complex("map", name, { doc: options, isObject: true, broken: options });
}

const lines = (fields: readonly (readonly [string, Doc])[]): Doc =>
  group(
    "{",
    indent(
      hardline,
      ...joined(
        fields.map(([name, value]) => [`${name}: `, value]),
        [",", hardline],
      ),
    ),
    ",",
    hardline,
    "}",
  );

const branches = (all: readonly Branch[], use: Use): Doc =>
  lines(all.map(({ name, steps }) => [name, arrow("(b)", printBranch(steps, use))] as const));

const printBranch = (steps: readonly Step[], use: Use): Doc => printChain("b", printSteps(steps, use));

/** An object stays beside the arrow; all else goes below it where it does not fit. */
function arrow(parameters: string, body: Doc): Doc {
  if (isObjectDoc(body)) return [parameters, " => (", body, ")"];
  if (isListDoc(body)) return [parameters, " => ", body];
  return group(parameters, " =>", group(indent(line, body)));
}
const isListDoc = (doc: Doc): boolean => doc === "[]" || opening(doc) === "[";

const slot = (value: Value, use: Use): Doc => arrow(usesS(value) ? "(s)" : "()", printValue(value, use));

function slotArg(value: Value, use: Use): Arg {
  const [parameters, body] = [usesS(value) ? "(s)" : "()", printValue(value, use)];
  const doc = arrow(parameters, body);
  if (isObjectDoc(body)) return { doc, isObject: true, broken: [parameters, " => (", broken(body), ")"] };
  if (isListDoc(body)) return { doc, broken: [parameters, " => ", broken(body)] };
  const isWord = value.kind === "literal" || value.kind === "ref";
  return { doc, [isWord ? "alone" : "broken"]: [parameters, " =>", indent(hardline, body, ","), hardline] };
}

export const printOutput = (value: Value, use: Use): Call => complex("output", "", slotArg(value, use));

/** A rule and what else there is stand on one line where they fit. */
function printChoice(step: ChoiceStep, use: Use): Call {
  const [rule, ...more] = step.rules;
  const all = branches(step.branches, use);
  const long = pick(step, use);
  if (!rule || more.length > 0) return complex("choice", step.name, { doc: long }, { doc: all });
  const parameters = usesS(...valuesIn(rule.test)) ? "(s)" : "()";
  const ways = ` ? ${quoted(rule.branch)} : ${quoted(step.otherwise)})`;
  const short = group(`${parameters} => (`, printTest(rule.test, use), ways);
  const name = quoted(step.name);
  const own = either(short, long);
  const apart: Doc = [".choice(", indent(hardline, name, ",", hardline, own, ",", hardline, all, ","), hardline, ")"];
  return { text: either([`.choice(${name}, `, short, ", ", all, ")"], apart), isPlain: false, hasFunction: true };
}

function pick({ rules, otherwise }: ChoiceStep, use: Use): Doc {
  if (rules.length === 0) return `() => ${quoted(otherwise)}`;
  const parameters = usesS(...rules.flatMap(({ test }) => valuesIn(test))) ? "(s)" : "()";
  const body = rules.map(({ test, branch }) => {
    const condition = group(indent(softline, printTest(test, use)), softline);
    return group("if (", condition, ")", indent(line, "return ", quoted(branch), ";"));
  });
  return [
    parameters,
    " => {",
    indent(hardline, ...joined([...body, `return ${quoted(otherwise)};`], hardline)),
    hardline,
    "}",
  ];
}

function outcome({ block, leads }: OutcomeStep): Doc {
  const own = leads.filter(([taken, branch]) => taken !== branch);
  if (own.length === 0) return `(s) => s.${block}.branch`;
  const returns = own.map(([taken, branch]) => `if (s.${block}.branch === ${quoted(taken)}) return ${quoted(branch)};`);
  const rest = leads.filter(([taken, branch]) => taken === branch).map(([taken]) => taken);
  return [
    "(s) => {",
    indent(hardline, ...joined([...returns, `return ${rest.map(quoted).join("")};`], hardline)),
    hardline,
    "}",
  ];
}

const UNITS = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
] as const;

/** In the largest unit that leaves no fraction. */
export function duration(seconds: number): string {
  const [size, unit] = UNITS.find(([of]) => seconds >= of && seconds % of === 0) ?? ([1, "second"] as const);
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
