/** What AWS would run and Pawl does not, told when a definition is imported and not when it runs. */
import type { Definition, Machine, MapState, State, TaskState } from "./definition.ts";
import { parseResource } from "./integrations.ts";
import { writerObjection } from "./map-results.ts";
import { invalidDefinition, type Problem } from "./problems.ts";
import { readerObjections } from "./reader/supported.ts";
import { validDefinition } from "./validate.ts";

const RULE = "What is supported";

/** What can be imported. @throws PawlError `invalid_definition` with every problem, else with all that is not supported */
export function supportedDefinition(given: unknown, type: "STANDARD" | "EXPRESS"): Definition {
  const definition = validDefinition(given, { express: type === "EXPRESS" });
  const problems = unsupported(definition).filter(({ code }) => code !== "IGNORED");
  if (problems.length > 0) throw invalidDefinition(problems);
  return definition;
}

/** @returns with the code `UNSUPPORTED`, or `IGNORED` for what makes no difference to the outcome here */
export function unsupported(definition: Definition): readonly Problem[] {
  return inMachine(definition, "");
}

const inMachine = (machine: Machine, path: string): readonly Problem[] =>
  Object.entries(machine.States).flatMap(([name, state]) => inState(state, `${path}/States/${name}`));

function inState(state: State, path: string): readonly Problem[] {
  switch (state.Type) {
    case "Task":
      return inTask(state, path);
    case "Map":
      return inMap(state, path);
    case "Parallel":
      return state.Branches.flatMap((branch, index) => inMachine(branch, `${path}/Branches[${index}]`));
    default:
      return [];
  }
}

const problem = (path: string, message: string): Problem => ({ code: "UNSUPPORTED", message, path, rule: RULE });

function inTask({ Resource, Credentials }: TaskState, path: string): readonly Problem[] {
  const resource = parseResource(Resource);
  const isFunction =
    resource?.kind === "function" || (resource?.kind === "integration" && resource.service === "lambda");
  const ignored: Problem = {
    code: "IGNORED",
    message: "Credentials: functions run with the roles that they are deployed with",
    path: `${path}/Credentials`,
    rule: RULE,
  };
  return [
    ...(isFunction
      ? []
      : [problem(`${path}/Resource`, `'${Resource}': a Task calls Lambda functions, and nothing else yet`)]),
    ...(Credentials === undefined ? [] : [ignored]),
  ];
}

function inMap(state: MapState, path: string): readonly Problem[] {
  const name = state.ItemProcessor === undefined ? "Iterator" : "ItemProcessor";
  const processor = state[name];
  const objection = writerObjection(state);
  return [
    ...readerObjections(state).map(([field, message]) => problem(`${path}/${field}`, message)),
    ...(objection === undefined ? [] : [problem(`${path}/ResultWriter`, `ResultWriter: ${objection}`)]),
    ...(processor === undefined ? [] : inMachine(processor, `${path}/${name}`)),
  ];
}
