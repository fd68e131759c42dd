/** The arguments of an intrinsic function, each read as what it must be. Every getter throws `States.IntrinsicFailure`. */
import type { ExpressionError } from "../../model/expression.ts";
import type { Json } from "../../model/json.ts";
import { isList, isObject, type JsonObject, kindOf } from "../json-kinds.ts";

export type Intrinsic = (given: Given) => Json;

export class Given {
  readonly all: readonly Json[];
  readonly fail: (why: string) => ExpressionError;

  constructor(all: readonly Json[], fail: (why: string) => ExpressionError) {
    this.all = all;
    this.fail = fail;
  }

  /** Before any other: this many, or between `least` and `most`. */
  count(least: number, most = least): this {
    if (this.all.length >= least && this.all.length <= most) return this;
    throw this.fail(`it takes ${least === most ? least : `${least} to ${most}`} arguments, not ${this.all.length}`);
  }

  value(at: number): Json {
    return this.all[at] ?? null;
  }

  list(at: number): readonly Json[] {
    const value = this.value(at);
    return isList(value) ? value : this.wrong(at, "an array");
  }

  object(at: number): JsonObject {
    const value = this.value(at);
    return isObject(value) ? value : this.wrong(at, "an object");
  }

  /** @param most characters */
  text(at: number, most = Number.POSITIVE_INFINITY): string {
    const value = this.value(at);
    if (typeof value !== "string") return this.wrong(at, "a string");
    return value.length <= most ? value : this.wrong(at, `a string of at most ${most} characters`);
  }

  /** Rounded to the nearest, a half up: AWS's developer guide, "Intrinsic functions". */
  integer(at: number): number {
    const value = this.value(at);
    // `+ 0`: never -0.
    return typeof value === "number" ? Math.round(value) + 0 : this.wrong(at, "a number");
  }

  boolean(at: number): boolean {
    const value = this.value(at);
    return typeof value === "boolean" ? value : this.wrong(at, "a boolean");
  }

  wrong(at: number, must: string): never {
    throw this.fail(`argument ${at + 1} must be ${must}, not ${kindOf(this.value(at))}`);
  }
}
