/** A condition that has been read. */
import type { Json } from "../../../model/json.ts";
import type { Path } from "./path.ts";

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type Operand =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "size"; readonly of: Operand };

export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly not: Condition }
  | { readonly kind: "compare"; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "between"; readonly operand: Operand; readonly least: Operand; readonly most: Operand }
  | { readonly kind: "in"; readonly operand: Operand; readonly list: readonly Operand[] }
  | { readonly kind: "exists"; readonly exists: boolean; readonly path: Path }
  | { readonly kind: "type"; readonly operand: Operand; readonly type: string }
  | { readonly kind: "begins" | "contains"; readonly operand: Operand; readonly part: Operand };

export function isCondition(it: Operand | Condition): it is Condition {
  return it.kind !== "path" && it.kind !== "value" && it.kind !== "size";
}
