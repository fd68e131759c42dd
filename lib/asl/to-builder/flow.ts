/** The data flow of a state as values, in either language: what it takes, what it passes on, what it assigns. */
import type { Json } from "../../model/json.ts";
import type { Chain } from "./chain.ts";
import { put } from "./known.ts";
import { keysOf, valueOfPath, valueOfTemplate } from "./paths.ts";
import { valueOfQueries } from "./queries.ts";
import type { Reading } from "./reading.ts";
import { contains, faultsOf, literal, unknown, unsaid, type Value } from "./value.ts";

/** The fields that may be there. */
export interface Fields {
  readonly [field: string]: unknown;
}

export class Flow {
  readonly #fields: Fields;
  readonly #isJsonata: boolean;
  readonly #chain: Chain;
  readonly #raw: Value;
  readonly #held: Value | undefined;
  /** Whether anything uses it or not. */
  readonly #worked: Value[] = [];

  /** @param held what came in by InputPath, where that has been worked out before */
  constructor(state: object, isJsonata: boolean, chain: Chain, held?: Value) {
    this.#fields = state as Fields;
    this.#isJsonata = isJsonata;
    this.#chain = chain;
    this.#raw = chain.document;
    this.#held = held;
  }

  /** The same, with what came in worked out before the state. */
  entered(name: string): Flow {
    const { effective } = this;
    if (faultsOf(effective).size === 0) return this;
    return new Flow(this.#fields, this.#isJsonata, this.#chain, this.#chain.before(name, effective));
  }

  /** These values fail wherever the fields do that have been worked out since this was last asked. */
  isUsed(...values: readonly Value[]): boolean {
    return this.#worked.splice(0).every((one) => contains(values, one));
  }

  get isJsonata(): boolean {
    return this.#isJsonata;
  }

  reading(document: Value = this.effective, more: Partial<Reading> = {}): Reading {
    return { document, variables: this.#chain.variables, ...more };
  }

  /** What came in, by InputPath. */
  get effective(): Value {
    return this.#held ?? (this.#isJsonata ? this.#raw : this.#work(this.#narrowed("InputPath", this.#raw)));
  }

  /** In the state's language. */
  value(template: Json, reading: Reading): Value {
    return this.#isJsonata ? valueOfQueries(template, reading) : valueOfTemplate(template, reading);
  }

  /** What a function, branches or items get. */
  get input(): Value {
    const template = this.#json(this.#isJsonata ? "Arguments" : "Parameters");
    return template === undefined ? this.effective : this.#work(this.value(template, this.reading()));
  }

  /** What a state passes on that has made this; absent: it makes nothing. */
  output(result?: Value): Value {
    if (this.#isJsonata) {
      const template = this.#json("Output");
      if (template === undefined) return result ?? this.#raw;
      return this.value(template, this.reading(this.#raw, result ? { result } : {}));
    }
    const made = result ?? this.effective;
    const selector = this.#json("ResultSelector");
    const selected = selector === undefined ? made : this.#work(this.value(selector, this.reading(made)));
    return this.#narrowed("OutputPath", this.#work(this.#placed(selected)));
  }

  /** Of a catch, whose error only the definition has. */
  caught(): Value {
    const error = unknown("it uses the error that a Catch passes on");
    if (!this.#isJsonata) return this.#placed(error);
    const template = this.#json("Output");
    return template === undefined ? error : this.value(template, this.reading(this.#raw));
  }

  /** @param result what `$` is in JSONPath, and `$states.result` */
  assigned(result?: Value): ReadonlyMap<string, Value> {
    const { Assign } = this.#fields as { readonly Assign?: Readonly<Record<string, Json>> };
    const reading = this.#isJsonata
      ? this.reading(this.#raw, result ? { result } : {})
      : this.reading(result ?? this.effective);
    const filled = this.#isJsonata
      ? Object.entries(Assign ?? {}).map(([name, template]) => [name, this.value(template, reading)] as const)
      : fieldsOf(this.value(Assign ?? {}, reading));
    return new Map(filled);
  }

  #work(value: Value): Value {
    this.#worked.push(value);
    return value;
  }

  #narrowed(field: "InputPath" | "OutputPath", value: Value): Value {
    const path = this.#fields[field];
    if (path === null) return literal({});
    return typeof path === "string" ? valueOfPath(path, this.reading(value)) : value;
  }

  #placed(result: Value): Value {
    const path = this.#fields.ResultPath;
    if (path === null) return this.#raw;
    if (typeof path !== "string") return result;
    const keys = keysOf(path);
    if (!keys?.every((key) => typeof key === "string")) return unsaid(`its ResultPath leads into a list: '${path}'`);
    return put(this.#raw, keys, result);
  }

  #json(field: string): Json | undefined {
    return this.#fields[field] as Json | undefined; // validated
  }
}

const fieldsOf = (value: Value): readonly (readonly [string, Value])[] => {
  if (value.kind === "object") return value.fields;
  return value.kind === "literal"
    ? Object.entries(value.value ?? {}).map(([name, of]) => [name, literal(of as Json)])
    : [];
};
