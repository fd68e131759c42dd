/** Where the graph has no function in between: what is before a state must be what the newer contract takes. */
import type { JsonSchema } from "../model/json.ts";
import type { Change } from "./change.ts";
import type { Place, Places } from "./places.ts";
import { misfitOf } from "./schema-fits.ts";
import { misfitOfShapes, type Shape } from "./shape.ts";
import { need, own, type Sides } from "./sides.ts";

/** One value that is passed on as it is. */
interface Passed {
  readonly role: "input" | "undo";
  readonly to: { readonly kind: "node" | "call"; readonly name: string };
  readonly given: Shape;
}

export function passedOnNeeds(sides: Sides): readonly Change[] {
  return sides.before.all().flatMap((place) =>
    passedAt(sides.before, place).flatMap((passed) => {
      const { to, given } = passed;
      const taken = (to.kind === "node" ? sides.nodeOf(to.name) : sides.callOf(to.name))?.input;
      const why = taken && misfitOfShapes(given, { kind: "schema", schema: taken }, "parsed");
      if (!taken || why === undefined || isStillMade(sides, place, passed, taken)) return [];
      const [kind, contract] =
        to.kind === "node" ? (["node_changed", "node"] as const) : (["call_changed", "contract"] as const);
      return [
        need(kind, place.path, place, {
          verdict: "safe_once_drained",
          why: `'${to.name}' would get something else than it takes now: ${why}`,
          do: `give the changed ${contract} a new name, or wait until no execution is before it`,
        }),
      ];
    }),
  );
}

function passedAt(places: Places, place: Place): readonly Passed[] {
  const { state } = place;
  const passed: Passed[] = [];
  if ((state.kind === "task" || state.kind === "call") && state.input.kind === "previous") {
    const to =
      state.kind === "task"
        ? { kind: "node" as const, name: state.node }
        : { kind: "call" as const, name: state.workflow };
    passed.push({ role: "input", to, given: places.before(place) });
  }
  if (state.kind === "task" && state.undo?.input.kind === "previous")
    passed.push({ role: "undo", to: { kind: "node", name: state.undo.node }, given: places.undone(place) });
  return passed;
}

/** What no schema tells, the compiler has looked at where the newer graph passes the same on to the same contract. */
function isStillMade({ now, program }: Sides, { path }: Place, { role, given }: Passed, taken: JsonSchema): boolean {
  const place = now.at(path);
  const passed = place && passedAt(now, place).find((one) => one.role === role);
  if (!passed) return false;
  const { to } = passed;
  const spec = to.kind === "node" ? own(program.graph.nodes, to.name) : own(program.graph.calls, to.name);
  if (!spec || misfitOf(spec.input, taken, "parsed")) return false;
  return misfitOfShapes(given, passed.given, "read") === undefined;
}
