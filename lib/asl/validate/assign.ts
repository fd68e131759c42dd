/** Variables. AWS's guide, "Passing data between states with variables". */
import type { JsonObject } from "../json-kinds.ts";
import { jsonataIn, type Visible } from "./expressions.ts";
import { isObjectAt } from "./fields.ts";
import type { Check, Place } from "./place.ts";
import { template } from "./templates.ts";

const RULE = "Passing data between states with variables";
const NAME = /^\p{ID_Start}\p{ID_Continue}*$/u;

export const assign =
  (visible: Visible): Check =>
  (value, at) => {
    if (!isObjectAt(value, at, RULE)) return;
    for (const name of namesOf(value, at)) checkName(name, at);
    if (at.scene.language === "JSONata") jsonataIn(visible)(value, at);
    else template(value, at);
  };

const namesOf = (value: JsonObject, at: Place): readonly string[] =>
  Object.keys(value).map((name) => (at.scene.language === "JSONPath" ? withoutEnding(name) : name));

/** Of a field of `Assign` in a JSONPath state. */
export const withoutEnding = (name: string): string => (name.endsWith(".$") ? name.slice(0, -2) : name);

function checkName(name: string, at: Place): void {
  if (!NAME.test(name))
    at.refuse(RULE, `Variable name '${name}' is invalid: a letter, then letters, digits and underscores`);
  if ([...name].length > 80) at.refuse(RULE, `Variable name '${name}' is longer than 80 characters`);
  if (name === "states") at.refuse(RULE, "Variable name 'states' is reserved");
}
