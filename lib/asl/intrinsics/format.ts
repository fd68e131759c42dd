/** `States.Format`: each `{}` takes the next value; `\{`, `\}`, `\'` and `\\` stand for themselves. */
import type { ExpressionError } from "../../model/expression.ts";
import type { Json } from "../../model/json.ts";
import { isList, isObject } from "../json-kinds.ts";

export function format(template: string, values: readonly Json[], fail: (why: string) => ExpressionError): string {
  let next = 0;
  const text = template.replace(/\\([\s\S]?)|\{\}/g, (whole, escaped: string | undefined) => {
    if (whole === "{}") return textOf(values[next++] ?? null);
    if (escaped === undefined || escaped === "" || !"'{}\\".includes(escaped)) throw fail(`${whole} is not an escape`);
    return escaped;
  });
  if (next !== values.length) throw fail(`the template has ${next} {} for ${values.length} values`);
  return text;
}

/** An object and a list are printed as Java prints them: AWS gives `{Id=arn, Name=it}`. */
function textOf(value: Json): string {
  if (isList(value)) return `[${value.map(textOf).join(", ")}]`;
  if (!isObject(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}=${textOf(inner ?? null)}`)
    .join(", ")}}`;
}
