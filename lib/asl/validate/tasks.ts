/** What a Task calls, and what the call must be given. */

import { parseResource } from "../integrations.ts";
import { isObject, type JsonObject } from "../json-kinds.ts";
import { both, checkFields, type ObjectShape } from "./fields.ts";
import type { Check, Place } from "./place.ts";
import { orExpression, text } from "./values.ts";

const RULE = "Task State";

export const resource: Check = (value, at) => {
  const parsed = typeof value === "string" ? parseResource(value) : undefined;
  const isSync = typeof value === "string" && /^arn:.*\.sync(:2)?$/.test(value);
  const isToken = typeof value === "string" && /^arn:.*\.waitForTaskToken$/.test(value);
  if (parsed === undefined)
    at.refuse(
      RULE,
      `The resource provided ${String(value)} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
  if (!at.scene.express) return;
  const what = isSync
    ? "'.sync' service integration"
    : isToken
      ? "'.waitForTaskToken' service integration"
      : "activities";
  if (isSync || isToken || parsed?.kind === "activity")
    at.refuse("Express workflows", `Express state machine does not support ${what}`);
};

/** Of the API `Invoke` of Lambda. */
const INVOKE = [
  "ClientContext",
  "DurableExecutionName",
  "FunctionName",
  "InvocationType",
  "LogType",
  "Payload",
  "Qualifier",
  "TenantId",
];

/** What is given to `lambda:invoke`, as far as it is written down: JSONata may compute all of it. */
export function checkInvoke(state: JsonObject, at: Place): void {
  const { Resource } = state;
  const parsed = typeof Resource === "string" ? parseResource(Resource) : undefined;
  if (parsed?.kind !== "integration" || parsed.service !== "lambda") return;
  const isJsonata = at.scene.language === "JSONata";
  const field = isJsonata ? "Arguments" : "Parameters";
  const given = state[field];
  if (given !== undefined && !isObject(given)) return;
  const place = at.field(field);
  const names = Object.keys(given ?? {}).map((name) => (!isJsonata && name.endsWith(".$") ? name.slice(0, -2) : name));
  if (!names.includes("FunctionName")) place.refuse(RULE, "The field 'FunctionName' is required but was missing");
  for (const name of names)
    if (!INVOKE.includes(name)) place.refuse(RULE, `The field '${name}' is not supported by Step Functions`);
}

const CREDENTIALS: ObjectShape = { rule: RULE, fields: { RoleArn: both(orExpression(text)), "RoleArn.$": both(text) } };

export const credentials: Check = (value, at) => {
  if (!checkFields(value, at, CREDENTIALS)) return;
  const isThere = value.RoleArn !== undefined || (at.scene.language === "JSONPath" && value["RoleArn.$"] !== undefined);
  if (!isThere) at.refuse(RULE, "The field 'RoleArn' is required but was missing");
};
