/** Calls between workflows that are at hand together: whoever is called must be there, or nobody would ever answer. */
import { PawlError } from "../errors.ts";
import type { Graph } from "./graph.ts";

/** One for each call of a workflow that none of them is: `unknown_workflow`. */
export function missingCalls(graphs: readonly Pick<Graph, "workflow" | "calls">[]): readonly PawlError[] {
  const known = graphs.map(({ workflow }) => workflow).sort();
  return graphs.flatMap(({ workflow, calls = {} }) =>
    Object.keys(calls)
      .filter((called) => !known.includes(called))
      .map((called) => {
        const message = `workflow '${workflow}' calls '${called}', which is not there; known: ${known.join(", ")}`;
        return new PawlError("unknown_workflow", message, { workflow, called });
      }),
  );
}
