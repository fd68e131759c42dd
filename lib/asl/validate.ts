/**
 * Every problem of a definition, with its place and the rule it breaks: what AWS's own validator would refuse, by the
 * specification, by AWS's guide and by recorded refusals. https://states-language.net/spec.html
 */
import { notJson, toJson } from "../model/json.ts";
import type { Definition } from "./definition.ts";
import { isObject } from "./json-kinds.ts";
import { invalidDefinition, type Problem } from "./problems.ts";
import { checkDefinition } from "./validate/machines.ts";
import { Place } from "./validate/place.ts";
import { checkScopes } from "./validate/scopes.ts";

export interface ValidateOptions {
  /** Of the type EXPRESS on AWS, which takes less: neither `.sync` nor `.waitForTaskToken`, nor a distributed Map. */
  readonly express?: boolean;
}

/** None: it may be taken for a `Definition`. What Pawl does not support is not among them, see `unsupported`. */
export function validateDefinition(given: unknown, { express = false }: ValidateOptions = {}): readonly Problem[] {
  const json = toJson(given);
  const problems: Problem[] = [];
  if (!json.ok) {
    const message = notJson("the definition", json);
    return [{ code: "INVALID_JSON_DESCRIPTION", message, path: "/", rule: "Structure of a state machine" }];
  }
  const { value } = json;
  const language = isObject(value) && value.QueryLanguage === "JSONata" ? "JSONata" : "JSONPath";
  const scene = { problems, language, machine: language, express, stateNames: new Map(), labels: new Map() } as const;
  const at = new Place("", scene);
  checkDefinition(value, at);
  checkScopes(value, at, new Set());
  return problems;
}

/** @throws PawlError `invalid_definition` that lists all problems */
export function validDefinition(given: unknown, options?: ValidateOptions): Definition {
  const problems = validateDefinition(given, options);
  if (problems.length > 0) throw invalidDefinition(problems);
  // That it is one is what has just been found.
  return given as Definition;
}
