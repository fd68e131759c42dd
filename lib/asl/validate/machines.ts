/** State machines: the whole, the branches of a Parallel and what a Map does with an item. */
import type { Json } from "../../model/json.ts";
import { isObject } from "../json-kinds.ts";
import { both, checkFields, type Field, isObjectAt } from "./fields.ts";
import { processorConfig } from "./maps.ts";
import type { Check, Place } from "./place.ts";
import { type Inner, innerMachines } from "./scopes.ts";
import { checkState } from "./states.ts";
import { checkTransitions } from "./transitions.ts";
import { anything, oneOf, text, wholeNumber } from "./values.ts";

const RULE = "Structure of a state machine";

type Fields = Readonly<Record<string, Field>>;

const BRANCH: Fields = {
  Comment: both(text),
  StartAt: both(text),
  // A function of its own: states hold machines.
  States: both((value, at) => states(value, at)),
  QueryLanguage: both(oneOf(RULE, "JSONPath", "JSONata")),
};
const ITEM_PROCESSOR: Fields = { ...BRANCH, ProcessorConfig: both(anything) };
const DEFINITION: Fields = {
  ...BRANCH,
  Version: both(oneOf(RULE, "1.0")),
  TimeoutSeconds: both(wholeNumber({ rule: RULE, least: 1 })),
};

export const checkDefinition = (value: Json, at: Place): void => checkMachine(value, at, DEFINITION);

function checkMachine(value: Json, at: Place, fields: Fields): void {
  if (checkFields(value, at, { rule: RULE, fields, required: ["States", "StartAt"] })) checkTransitions(value, at);
}

const states: Check = (value, at) => {
  if (!isObjectAt(value, at, RULE)) return;
  for (const [name, state] of Object.entries(value)) {
    if (state === undefined) continue;
    const place = at.field(name);
    checkName(name, place);
    checkState(state, place);
    for (const inner of innerMachines(state, place)) checkInner(inner);
  }
};

function checkInner({ field, it, at }: Inner): void {
  if (field === "Branches") return checkMachine(it, at, BRANCH);
  const config = isObject(it) ? it.ProcessorConfig : undefined;
  // Of the machine around it, unlike all else of the inner one.
  if (config !== undefined) processorConfig(config, at.field("ProcessorConfig"));
  const isExpress = isObject(config) && config.Mode === "DISTRIBUTED" && config.ExecutionType === "EXPRESS";
  // Its items are executions by themselves.
  checkMachine(it, isExpress ? at.with({ express: true }) : at, ITEM_PROCESSOR);
}

function checkName(name: string, at: Place): void {
  if (name === "" || [...name].length > 80)
    at.refuse("States", "A state name has 1 to 80 characters", "INVALID_STATE_NAME");
  const first = at.scene.stateNames.get(name);
  if (first === undefined) at.scene.stateNames.set(name, at.path);
  else at.refuse("States", `State name '${name}' is at ${first} already`, "DUPLICATE_STATE_NAME");
}
