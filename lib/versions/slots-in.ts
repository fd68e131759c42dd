/** The functions that a state names, by the part that each of them has in it. */
import type { Data, State } from "../model/graph.ts";

/** Every function that an execution may need, from the graph's own data. */
export function slotsIn(state: State): readonly (readonly [role: string, data: Data])[] {
  const own = ownSlots(state);
  if (state.kind === "fail" || state.kind === "succeed") return own;
  return [
    ...own,
    ...(state.result ? [["result", state.result] as const] : []),
    ...(state.assign ? [["assign", state.assign] as const] : []),
    ...(state.catch ?? []).flatMap(({ codes, result, assign }) => [
      ...(result ? [[`catch.${codes.join("|")}`, result] as const] : []),
      ...(assign ? [[`catch.${codes.join("|")}.assign`, assign] as const] : []),
    ]),
  ];
}

function ownSlots(state: State): readonly (readonly [string, Data])[] {
  switch (state.kind) {
    case "task":
      return [
        ["input", state.input],
        ...Object.entries(state.seconds ?? {}),
        ...(state.undo ? [["undo.input", state.undo.input] as const] : []),
      ];
    case "set":
      return [["value", state.value]];
    case "choice":
      return [["pick", state.pick]];
    case "match":
      return [["of", state.of]];
    case "parallel":
      return state.input ? [["input", state.input]] : [];
    case "map":
      return [["over", state.over]];
    case "loop":
      return [
        ["from", state.from],
        ["until", state.until],
      ];
    case "wait":
      return state.until ? [["until", state.until]] : [];
    case "call":
      return [["input", state.input]];
    case "emit":
      return [["data", state.data]];
    case "fail":
      return [["message", state.message], ...(state.failure ? [["failure", state.failure] as const] : [])];
    case "succeed":
      return [["output", state.output]];
    default:
      return [];
  }
}
