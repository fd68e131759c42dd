/** The fields that are translated. What the language has besides, or has one day, keeps a definition as it is. */
import type { State, StateType } from "../definition.ts";

const COMMON = "Type Comment QueryLanguage Next End InputPath OutputPath Output Assign";
const MADE = "Parameters Arguments ResultSelector ResultPath Retry Catch";

const FIELDS: Readonly<Record<StateType, string>> = {
  Task: `${MADE} Resource Credentials TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath`,
  Pass: "Result Parameters ResultPath",
  Choice: "Choices Default",
  Wait: "Seconds SecondsPath Timestamp TimestampPath",
  Succeed: "",
  Fail: "Error ErrorPath Cause CausePath",
  Parallel: `${MADE} Branches`,
  Map: `${MADE} ItemProcessor Iterator ItemsPath Items ItemSelector MaxConcurrency Label`,
};

export function untranslated(state: State): readonly string[] {
  const known = new Set([...COMMON.split(" "), ...FIELDS[state.Type].split(" ")]);
  return Object.keys(state).filter((field) => !known.has(field));
}
