/** A state: its type says which fields it has. The machines within are not looked at here. Amazon States Language, "States". */
import type { Json } from "../../model/json.ts";
import type { StateType } from "../definition.ts";
import type { JsonObject } from "../json-kinds.ts";
import { assign } from "./assign.ts";
import { choices } from "./choices.ts";
import { jsonataIn, type Visible } from "./expressions.ts";
import { catchers, retry } from "./failures.ts";
import { atMostOne, both, checkFields, exactlyOne, type Field, isObjectAt, jsonata, jsonPath } from "./fields.ts";
import { checkMap, itemBatcher, itemReader, items, label, resultWriter } from "./maps.ts";
import { path, pathOrIntrinsic, pathOrNull, referencePath, resultPath } from "./paths.ts";
import type { Check, Place } from "./place.ts";
import { checkInvoke, credentials, resource } from "./tasks.ts";
import { template } from "./templates.ts";
import { anything, flag, listOf, MOST, number, oneOf, orExpression, text, timestamp, wholeNumber } from "./values.ts";

type Fields = Readonly<Record<string, Field>>;

const seconds = (least: number): Check => orExpression(wholeNumber({ rule: "Task State", least }));
const language = oneOf("Structure of a state machine", "JSONPath", "JSONata");

const common: Fields = { Type: both(anything), Comment: both(text), QueryLanguage: both(language) };
const ending: Fields = { Next: both(text), End: both(flag) };

const flow = (visible: Visible): Fields => ({
  InputPath: jsonPath(pathOrNull),
  OutputPath: jsonPath(pathOrNull),
  Output: jsonata(jsonataIn(visible)),
});

const variables = (visible: Visible): Fields => ({ Assign: both(assign(visible)) });

/** Of a state that does work, and may fail at it. */
const working: Fields = {
  ...common,
  ...ending,
  ...flow({ result: true }),
  ...variables({ result: true }),
  Parameters: jsonPath(template),
  ResultSelector: jsonPath(template),
  ResultPath: jsonPath(resultPath),
  Retry: both(retry),
  Catch: both(catchers),
};

/** A number, or the path of one. */
const either = (name: string, check: Check): Fields => ({
  [name]: both(orExpression(check)),
  [`${name}Path`]: jsonPath(referencePath),
});

const TASK: Fields = {
  ...working,
  Arguments: jsonata(jsonataIn({})),
  Resource: both(resource),
  Credentials: both(credentials),
  ...either("TimeoutSeconds", seconds(1)),
  ...either("HeartbeatSeconds", seconds(1)),
};

const PASS: Fields = {
  ...common,
  ...ending,
  ...flow({}),
  ...variables({}),
  Parameters: jsonPath(template),
  Result: jsonPath(anything),
  ResultPath: jsonPath(resultPath),
};

const CHOICE: Fields = {
  ...common,
  ...flow({}),
  ...variables({}),
  Choices: both(choices),
  Default: both(text),
};

const WAIT: Fields = {
  ...common,
  ...ending,
  ...flow({}),
  ...variables({}),
  ...either("Seconds", wholeNumber({ rule: "Wait State", least: 0 })),
  ...either("Timestamp", timestamp),
};

const FAIL: Fields = {
  ...common,
  Error: both(orExpression(text)),
  Cause: both(orExpression(text)),
  ErrorPath: jsonPath(pathOrIntrinsic),
  CausePath: jsonPath(pathOrIntrinsic),
};

const PARALLEL: Fields = {
  ...working,
  Arguments: jsonata(jsonataIn({})),
  Branches: both(listOf("Parallel State", anything, { least: 1 })),
};

const MAP: Fields = {
  ...working,
  ItemProcessor: both(anything),
  Iterator: both(anything),
  ItemsPath: jsonPath(path),
  Items: jsonata(items),
  ItemSelector: { check: (value, at) => (at.scene.language === "JSONata" ? jsonataIn({}) : template)(value, at) },
  ItemReader: both(itemReader),
  ItemBatcher: both(itemBatcher),
  ResultWriter: both(resultWriter),
  Label: both(label),
  ...either("MaxConcurrency", wholeNumber({ rule: "Map State", least: 0 })),
  ...either("ToleratedFailureCount", wholeNumber({ rule: "Map State", least: 0, most: MOST })),
  ...either("ToleratedFailurePercentage", number({ rule: "Map State", least: 0, most: 100 })),
};

interface StateShape {
  readonly fields: Fields;
  readonly required?: readonly string[];
  /** What holds between its fields. */
  readonly between?: (state: JsonObject, at: Place) => void;
}

const STATES: Readonly<Record<StateType, StateShape>> = {
  Task: {
    fields: TASK,
    required: ["Resource"],
    between: checkTask,
  },
  Pass: { fields: PASS },
  Choice: { fields: CHOICE, required: ["Choices"] },
  Wait: { fields: WAIT, between: checkWait },
  Succeed: { fields: { ...common, ...flow({}) } },
  Fail: { fields: FAIL, between: checkFail },
  Parallel: { fields: PARALLEL, required: ["Branches"] },
  Map: { fields: MAP, between: checkMap },
};

const isType = (type: unknown): type is StateType => typeof type === "string" && Object.hasOwn(STATES, type);

export function checkState(value: Json, outer: Place): void {
  const rule = "States";
  if (!isObjectAt(value, outer, rule)) return;
  const { Type: type, QueryLanguage: own } = value;
  if (type === undefined) return outer.refuse(rule, "These fields are required: [Type]");
  if (!isType(type)) {
    const types = Object.keys(STATES).join(", ");
    return outer.field("Type").refuse(rule, `Value ${JSON.stringify(type)} is not allowed: one of [${types}]`);
  }
  const speaks = own === "JSONata" || own === "JSONPath" ? own : outer.scene.machine;
  const at = outer.with({ language: speaks });
  if (outer.scene.machine === "JSONata" && speaks === "JSONPath")
    at.field("QueryLanguage").refuse(rule, "A state of a JSONata state machine cannot be JSONPath");
  const { fields, required = [], between } = STATES[type];
  checkFields(value, at, { rule: `${type} State`, fields, required });
  if (fields.End !== undefined) checkEnding(value, at);
  between?.(value, at);
}

function checkEnding(state: JsonObject, at: Place): void {
  const given = [state.Next !== undefined && "Next", state.End === true && "End"].filter(Boolean);
  if (given.length === 2) at.refuse("Transitions", "Only one of these fields may be present: [Next, End]");
  if (given.length === 0) at.refuse("Transitions", "One of these fields is required: [Next, End]");
}

function checkTask(state: JsonObject, at: Place): void {
  const rule = "Task State";
  atMostOne(state, at, { rule, names: ["TimeoutSeconds", "TimeoutSecondsPath"] });
  atMostOne(state, at, { rule, names: ["HeartbeatSeconds", "HeartbeatSecondsPath"] });
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout)
    at.field("HeartbeatSeconds").refuse(rule, `HeartbeatSeconds must be smaller than TimeoutSeconds, ${timeout}`);
  checkInvoke(state, at);
}

function checkWait(state: JsonObject, at: Place): void {
  exactlyOne(state, at, { rule: "Wait State", names: ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"] });
}

function checkFail(state: JsonObject, at: Place): void {
  atMostOne(state, at, { rule: "Fail State", names: ["Error", "ErrorPath"] });
  atMostOne(state, at, { rule: "Fail State", names: ["Cause", "CausePath"] });
}
