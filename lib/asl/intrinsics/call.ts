/** Calls an intrinsic function: `States.Format('{}', $.name)`. What its arguments must be, each function says itself. */
import type { Json } from "../../model/json.ts";
import { ARRAYS } from "./arrays.ts";
import { format } from "./format.ts";
import { Given, type Intrinsic } from "./given.ts";
import { type Argument, type Call, intrinsicFailure, parseCall, unescaped } from "./parse.ts";
import { TEXTS } from "./texts.ts";
import { VALUES } from "./values.ts";

const FUNCTIONS: Readonly<Record<string, Intrinsic>> = { ...ARRAYS, ...TEXTS, ...VALUES };

/** The value of a path that is an argument. @throws ExpressionError there is none */
export type Resolve = (path: string) => Json;

export function callIntrinsic(text: string, resolve: Resolve): Json {
  return call(parseCall(text), text, resolve);
}

function call({ name, arguments: written }: Call, text: string, resolve: Resolve): Json {
  if (name === "Format") return formatted(written, text, resolve);
  const intrinsic = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (intrinsic === undefined) throw intrinsicFailure(text, `there is no function States.${name}`);
  return intrinsic(
    new Given(
      written.map((it) => valueFrom(it, text, resolve)),
      (why) => intrinsicFailure(text, why),
    ),
  );
}

function valueFrom(argument: Argument, text: string, resolve: Resolve): Json {
  switch (argument.kind) {
    case "text":
      return unescaped(argument.raw, text);
    case "value":
      return argument.value;
    case "path":
      return resolve(argument.path);
    case "call":
      return call(argument, text, resolve);
  }
}

/** Its template is read with its escapes: `\{` is no place for a value. */
function formatted(written: readonly Argument[], text: string, resolve: Resolve): Json {
  const [first, ...rest] = written;
  if (first === undefined) throw intrinsicFailure(text, "a template is missing");
  const template = first.kind === "text" ? first.raw : valueFrom(first, text, resolve);
  if (typeof template !== "string") throw intrinsicFailure(text, "the template must be a string");
  return format(
    template,
    rest.map((it) => valueFrom(it, text, resolve)),
    (why) => intrinsicFailure(text, why),
  );
}
