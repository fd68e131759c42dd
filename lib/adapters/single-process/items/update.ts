/** An update that has been read. */
import type { Json } from "../../../model/json.ts";
import type { Path } from "./path.ts";

export type UpdateOperand =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "ifNotExists"; readonly path: Path; readonly otherwise: UpdateOperand };

export type SetValue =
  | UpdateOperand
  | { readonly kind: "sum"; readonly sign: "+" | "-"; readonly left: UpdateOperand; readonly right: UpdateOperand }
  | { readonly kind: "append"; readonly left: UpdateOperand; readonly right: UpdateOperand };

export type UpdateAction =
  | { readonly kind: "set"; readonly path: Path; readonly value: SetValue }
  | { readonly kind: "remove"; readonly path: Path }
  | { readonly kind: "add"; readonly path: Path; readonly number: number };
