/** The functions of conditions. Their names are case-sensitive. */
import type { Condition, Operand } from "./condition.ts";
import { checkDistinct, checkTypes } from "./condition-checks.ts";
import type { Path } from "./path.ts";
import { refuse } from "./refuse.ts";
import { ATTRIBUTE_TYPES } from "./values.ts";

export function conditionFunction(name: string, operands: readonly Operand[]): Operand | Condition {
  switch (name) {
    case "attribute_exists":
    case "attribute_not_exists": {
      const [operand] = exactly(1, name, operands);
      return { kind: "exists", exists: name === "attribute_exists", path: pathOf(name, operand) };
    }
    case "attribute_type": {
      const [operand, type] = exactly(2, name, operands);
      return { kind: "type", operand, type: typeNamed(type) };
    }
    case "begins_with": {
      const [operand, part] = exactly(2, name, operands);
      checkTypes(name, [operand, part], ["S"]);
      checkDistinct(name, operand, [part]);
      return { kind: "begins", operand, part };
    }
    case "contains": {
      const [operand, part] = exactly(2, name, operands);
      checkDistinct(name, operand, [part]);
      return { kind: "contains", operand, part };
    }
    case "size": {
      const [of] = exactly(1, name, operands);
      checkTypes(name, [of], ["S", "L", "M"]);
      return { kind: "size", of };
    }
    default:
      return refuse(`${name} is no function of a condition`);
  }
}

// The count is checked, so none of the first two that a function asks for is undefined.
function exactly(count: 1 | 2, name: string, operands: readonly Operand[]): readonly [Operand, Operand] {
  if (operands.length !== count) refuse(`${name} takes ${count} operands, and has ${operands.length}`);
  return operands as readonly [Operand, Operand];
}

function pathOf(name: string, operand: Operand): Path {
  return operand.kind === "path" ? operand.path : refuse(`${name} takes the path of an attribute`);
}

function typeNamed(operand: Operand): string {
  if (operand.kind !== "value" || typeof operand.value !== "string")
    return refuse("attribute_type takes a :value that names a type");
  return ATTRIBUTE_TYPES.includes(operand.value)
    ? operand.value
    : refuse(`${operand.value} is no type of an attribute: ${ATTRIBUTE_TYPES.join(", ")}`);
}
