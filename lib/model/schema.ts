/** A schema as declarations ask for it, and as everything behind them has it. */
import type { z } from "zod";
import type { Json } from "./json.ts";

/**
 * A zod schema (`z.string()`, not zod/mini's) whose output is `T`.
 *
 * It takes what `z.ZodType<T>` takes and asks for less, because the compiler would compare every method of every schema
 * with `ZodType`'s: 1,500 instantiations for each node (docs/decisions/0011-builder-types.md).
 */
export interface SchemaOf<out T extends Json> {
  readonly _zod: { readonly output: T };
  // What zod/mini's schemas do not have: they stay refused.
  describe(description: string): unknown;
}

/** True because of what `SchemaOf` asks for: nothing but a schema of zod's has it. */
export const asZod = (schema: SchemaOf<Json>): z.ZodType<Json> => schema as unknown as z.ZodType<Json>;
