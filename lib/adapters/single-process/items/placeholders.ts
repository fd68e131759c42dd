/** What `#names` and `:values` stand for in all expressions of one action; one that none of them uses is a mistake. */
import type { Json } from "../../../model/json.ts";
import { refuse } from "./refuse.ts";
import { attributeOf } from "./values.ts";

export class Placeholders {
  readonly #names: { readonly [placeholder: string]: string };
  readonly #values: { readonly [placeholder: string]: Json };
  readonly #used = new Set<string>();

  constructor(names: { readonly [placeholder: string]: string }, values: { readonly [placeholder: string]: Json }) {
    this.#names = names;
    this.#values = values;
  }

  name(placeholder: string): string {
    this.#used.add(placeholder);
    const name = attributeOf(this.#names, placeholder);
    return typeof name === "string" ? name : refuse(`${placeholder} is not in ExpressionAttributeNames`);
  }
  value(placeholder: string): Json {
    this.#used.add(placeholder);
    const value = attributeOf(this.#values, placeholder);
    return value !== undefined ? value : refuse(`${placeholder} is not in ExpressionAttributeValues`);
  }
  /** To be called when every expression has been read. */
  refuseUnused(): void {
    const unused = [...Object.keys(this.#names), ...Object.keys(this.#values)].filter((it) => !this.#used.has(it));
    if (unused.length > 0) refuse(`no expression uses ${unused.join(", ")}`);
  }
}
