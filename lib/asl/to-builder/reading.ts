/** What a state's expressions see, whichever language they are in. */
import type { Value } from "./value.ts";

export interface Reading {
  /** `$`, or `$states.input`. */
  readonly document: Value;
  readonly variables: ReadonlyMap<string, Value>;
  /** `$states.result` */
  readonly result?: Value;
  /** Within an ItemSelector. */
  readonly item?: { readonly value: Value; readonly index: Value };
}
