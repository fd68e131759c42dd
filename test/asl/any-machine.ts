/** Machines of every shape that the builder may have a form for, and of some that it has none for. By a seed, always the same. */
import type { Json } from "../../lib/model/json.ts";
import type { AslCase, Behaviour } from "./case.ts";

type Fields = Record<string, Json>;
interface Made {
  readonly start: string;
  readonly states: Record<string, Fields>;
}

/** Small and good enough: D. Knuth's constants. */
function choosing(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < 3; i++) next();
  const below = (most: number): number => Math.floor(next() * most);
  return {
    below,
    isLikely: (share: number): boolean => next() < share,
    one: <T>(of: readonly [T, ...T[]]): T => of[below(of.length)] ?? of[0],
  };
}
type Choosing = ReturnType<typeof choosing>;

const arn = (name: string) => `arn:aws:lambda:us-east-1:111111111111:function:${name}`;
const INVOKE = "arn:aws:states:::lambda:invoke";
const FUNCTIONS = ["Echo", "Number", "Record", "List", "Fails", "Refuses", "Recovers"] as const;

export function anyCase(seed: number): AslCase {
  const random = choosing(seed);
  const made = new Machines(random).scope(3, 4);
  const isJsonata = random.isLikely(0.35);
  const definition = { ...(isJsonata && { QueryLanguage: "JSONata" }), StartAt: made.start, States: made.states };
  return {
    name: `seed ${seed}`,
    kind: "execution",
    features: [],
    definition: (isJsonata ? inJsonata(definition) : definition) as Json,
    input: random.one<Json>([
      { a: 1, b: { c: "x" }, l: [1, 2] },
      { a: "x", b: 2 },
      { b: { c: 1 }, l: [] },
      [1, 2],
      "text",
      null,
    ]),
    functions: behaviours(random),
    expected: { status: "SUCCEEDED" },
  };
}

function behaviours(random: Choosing): Record<string, Behaviour> {
  const raised = (error: string): Behaviour => ({ kind: "raise", error, message: "m" });
  return {
    Echo: { kind: "echo" },
    Number: { kind: "return", value: random.below(3) },
    Record: { kind: "return", value: { a: random.below(3), b: { c: "y" }, l: [3] } },
    List: { kind: "return", value: [1, { a: 2 }] },
    Fails: raised("Error"),
    Refuses: raised("Refused"),
    Recovers: { kind: "sequence", of: [raised("Refused"), raised("Error"), { kind: "echo" }] },
  };
}

class Machines {
  readonly #random: Choosing;
  #count = 0;

  constructor(random: Choosing) {
    this.#random = random;
  }

  /** A scope of its own. */
  scope(depth: number, most: number): Made {
    const states: Record<string, Fields> = {};
    const start = this.#chain(states, depth, most, null);
    return { start: start ?? this.#add(states, "Nothing", { Type: "Pass", End: true }), states };
  }

  /** Some states that lead to `next`, made from the last on. @returns the first of them */
  #chain(states: Record<string, Fields>, depth: number, most: number, next: string | null): string | null {
    let first = next;
    for (let left = this.#random.below(most + 1); left > 0; left--) first = this.#state(states, depth, first);
    return first;
  }

  #add(states: Record<string, Fields>, kind: string, state: Fields): string {
    this.#count++;
    const name = `${kind} ${this.#count}`;
    states[name] = state;
    return name;
  }

  #state(states: Record<string, Fields>, depth: number, next: string | null): string {
    const random = this.#random;
    const on: Fields = next === null ? { End: true } : { Next: next };
    const kind = random.below(depth > 0 ? 12 : 7);
    if (kind < 3) return this.#add(states, "Call", { ...this.#task(), ...on, ...this.#catch(states, depth, next) });
    if (kind < 6) return this.#add(states, "Make", { Type: "Pass", ...this.#pass(), ...on });
    if (kind === 6) return this.#add(states, "Rest", { Type: "Wait", Seconds: random.below(3), ...on });
    if (kind < 10) return this.#choice(states, depth, next);
    if (kind === 10) {
      const branches = Array.from({ length: 1 + random.below(2) }, () => this.scope(depth - 2, 2));
      const Branches = branches.map(({ start, states: of }) => ({ StartAt: start, States: of })) as Json;
      return this.#add(states, "Both", {
        Type: "Parallel",
        Branches,
        ...this.#result(),
        ...on,
        ...this.#catch(states, depth, next),
      });
    }
    const { start, states: of } = this.scope(depth - 2, 2);
    const ItemProcessor = { StartAt: start, States: of } as Json;
    const selected: Fields = random.isLikely(0.3) ? { ItemSelector: { "v.$": "$$.Map.Item.Value", "w.$": "$" } } : {};
    const items: Fields = random.isLikely(0.7) ? { ItemsPath: "$.l" } : {};
    return this.#add(states, "Each", {
      Type: "Map",
      ...items,
      ItemProcessor,
      ...selected,
      ...this.#result(),
      ...on,
      ...this.#catch(states, depth, next),
    });
  }

  #task(): Fields {
    const random = this.#random;
    const name = random.one(FUNCTIONS);
    const given = this.#template();
    const retry: Fields = random.isLikely(0.2)
      ? {
          Retry: [
            {
              ErrorEquals: [random.one(["States.ALL", "Refused", "States.TaskFailed"])],
              MaxAttempts: 1 + random.below(3),
            },
          ],
        }
      : {};
    if (random.isLikely(0.7)) {
      const Parameters: Fields = random.isLikely(0.5) ? { Parameters: given } : {};
      return { Type: "Task", Resource: arn(name), ...Parameters, ...this.#paths(), ...this.#result(), ...retry };
    }
    const payload: Fields = random.isLikely(0.5) ? { "Payload.$": this.#path() } : { Payload: given };
    const output: Fields = random.isLikely(0.7)
      ? { OutputPath: "$.Payload" }
      : { ResultSelector: { "p.$": "$.Payload" } };
    return { Type: "Task", Resource: INVOKE, Parameters: { FunctionName: name, ...payload }, ...output, ...retry };
  }

  #pass(): Fields {
    const random = this.#random;
    const made: Fields = random.isLikely(0.4)
      ? { Result: random.one<Json>([{ a: 1, b: { c: "z" }, l: [5, 6] }, 7, [1, 2], null]) }
      : random.isLikely(0.6)
        ? { Parameters: this.#template() }
        : {};
    const path: Fields = random.isLikely(0.4) ? { ResultPath: this.#reference() } : {};
    return { ...made, ...path, ...this.#paths() };
  }

  #result(): Fields {
    const random = this.#random;
    const selector: Fields = random.isLikely(0.15) ? { ResultSelector: { "s.$": "$", a: 1 } } : {};
    return { ...selector, ...(random.isLikely(0.5) && { ResultPath: this.#reference() }) };
  }

  #paths(): Fields {
    const random = this.#random;
    const path = (): Json => (random.isLikely(0.2) ? null : this.#path());
    return {
      ...(random.isLikely(0.15) && { InputPath: path() }),
      ...(random.isLikely(0.1) && { OutputPath: path() }),
    };
  }

  #path = (): string =>
    this.#random.one(["$", "$.a", "$.b", "$.b.c", "$.r", "$.l", "$.l[0]", "$", "$$.Execution.Input"]);
  #reference = (): Json => this.#random.one<Json>([null, "$.r", "$.r.q", "$.b", "$.a"]);
  #template = (): Fields => ({
    "a.$": this.#path(),
    ...(this.#random.isLikely(0.5) && { l: [1, { "x.$": this.#path() }] }),
    ...(this.#random.isLikely(0.5) && { b: { c: "w" } }),
  });

  #choice(states: Record<string, Fields>, depth: number, next: string | null): string {
    const random = this.#random;
    const branch = (): string => this.#branch(states, depth, next);
    const rules = Array.from({ length: 1 + random.below(2) }, (): Json => ({ ...this.#rule(2), Next: branch() }));
    const otherwise: Fields = random.isLikely(0.8) ? { Default: branch() } : {};
    return this.#add(states, "Ask", { Type: "Choice", Choices: rules, ...otherwise });
  }

  /** It ends in its own way, or goes on with the others. */
  #branch(states: Record<string, Fields>, depth: number, next: string | null): string {
    const random = this.#random;
    const way = random.below(6);
    if (way === 0) return this.#add(states, "Fail", { Type: "Fail", Error: "Failed", Cause: "why" });
    if (way === 1) return this.#add(states, "Done", { Type: "Succeed" });
    const first = this.#chain(states, depth - 1, 2, next);
    return first ?? this.#add(states, "End", { Type: "Pass", End: true });
  }

  #rule(depth: number): Fields {
    const random = this.#random;
    if (depth > 0 && random.isLikely(0.3)) {
      const of = (): Json => this.#rule(depth - 1);
      return random.one<Fields>([{ And: [of(), of()] }, { Or: [of(), of()] }, { Not: of() }]);
    }
    const Variable = this.#path();
    return {
      Variable,
      ...random.one<Fields>([
        ...([{ IsPresent: true }, { IsPresent: false }, { NumericEquals: 1 }, { StringEquals: "x" }] as const),
        ...([{ NumericLessThan: 2 }, { StringGreaterThanEquals: "w" }, { IsNull: true }, { IsString: false }] as const),
        ...([
          { NumericGreaterThanPath: "$.a" },
          { BooleanEquals: true },
          { IsNumeric: true },
          { StringMatches: "*x*" },
        ] as const),
      ]),
    };
  }

  #catch(states: Record<string, Fields>, depth: number, next: string | null): Fields {
    const random = this.#random;
    if (!random.isLikely(0.35) || depth < 1) return {};
    const catcher = (errors: string): Fields => ({
      ErrorEquals: [errors],
      ...(random.isLikely(0.8) && { ResultPath: random.one<Json>([null, null, "$.error"]) }),
      Next: random.isLikely(0.3) && next !== null ? next : this.#branch(states, depth, next),
    });
    return {
      Catch: [
        ...(random.isLikely(0.4) ? [catcher("Refused")] : []),
        ...(random.isLikely(0.7) ? [catcher("States.ALL")] : [catcher("Other")]),
      ],
    };
  }
}

/** The same in JSONata, as far as a field has a counterpart there. */
function inJsonata(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inJsonata);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  const made: Record<string, unknown> = {};
  for (const [name, of] of Object.entries(fields)) {
    if (name === "Parameters") made.Arguments = templated(of);
    else if (name === "ItemsPath") made.Items = query(String(of));
    else if (name === "ItemSelector") continue;
    else if (name === "ResultPath" && typeof of === "string")
      made.Output =
        "Catch" in fields || "Branches" in fields || "Resource" in fields
          ? { r: "{% $states.result %}", b: "{% $states.input.b %}" }
          : "{% $states.input.l %}";
    else if (name === "ResultPath") made.Output = "{% $states.input %}";
    else if (name === "OutputPath" && of === "$.Payload") made.Output = "{% $states.result.Payload %}";
    else if (!["InputPath", "OutputPath", "ResultSelector"].includes(name)) made[name] = inJsonata(of);
  }
  if (fields.Type === "Pass") {
    made.Output ??= "Result" in fields ? fields.Result : (made.Arguments ?? "{% $states.input %}");
    delete made.Arguments;
    delete made.Result;
  }
  if ("Variable" in fields || "And" in fields || "Or" in fields || "Not" in fields)
    return { ...condition(fields), ...("Next" in fields && { Next: fields.Next }) };
  return made;
}

const query = (path: string): string => `{% ${names(path)} %}`;
const names = (path: string): string =>
  path.startsWith("$$") ? "$states.context.Execution.Input" : `$states.input${path.slice(1).replace("[0]", ".a")}`;

function templated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(templated);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) =>
      name.endsWith(".$") ? [name.slice(0, -2), query(String(of))] : [name, templated(of)],
    ),
  );
}

function condition(fields: Record<string, unknown>): Record<string, unknown> {
  const text = (of: Record<string, unknown>): string => {
    if (Array.isArray(of.And)) return `(${of.And.map(text).join(" and ")})`;
    if (Array.isArray(of.Or)) return `(${of.Or.map(text).join(" or ")})`;
    const path = names(String(of.Variable ?? "$.a"));
    return "NumericLessThan" in of ? `${path} < 2` : "StringEquals" in of ? `${path} = "x"` : `${path} = 1`;
  };
  return { Condition: `{% ${text(fields)} %}` };
}
