/** Which graph and functions an execution runs on: the graph it started with, the newest slots and nodes. */
import { PawlError } from "../errors.ts";
import { SUPPORTED, statesOf } from "../model/graph.ts";
import { onGraph, type Program } from "../model/program.ts";
import type { StepLog } from "../ports/step-log.ts";

export class Programs {
  readonly #log: StepLog;
  readonly #newest = new Map<string, Program>();
  readonly #byHash = new Map<string, Program>();

  constructor(log: StepLog) {
    this.#log = log;
  }

  /**
   * Takes a workflow in, or its newer version. Its graph must be stored before an execution starts on it.
   *
   * @throws PawlError `invalid_workflow` when it has a state that cannot be carried out
   */
  add(program: Program): void {
    for (const [path, state] of statesOf(program.graph.root))
      if (!SUPPORTED.has(state.kind))
        throw new PawlError(
          "invalid_workflow",
          `workflow '${program.graph.workflow}' has a state of kind '${state.kind}' at ${path}, which this version cannot run`,
        );
    this.#newest.set(program.graph.workflow, program);
    // Older graphs of this workflow run on the new slots from now on.
    for (const [hash, known] of this.#byHash)
      if (known.graph.workflow === program.graph.workflow) this.#byHash.delete(hash);
    this.#byHash.set(program.hash, program);
  }

  all(): readonly Program[] {
    return [...this.#newest.values()];
  }

  /** @throws PawlError `unknown_workflow` */
  newest(workflow: string): Program {
    const program = this.#newest.get(workflow);
    if (program) return program;
    const known = [...this.#newest.keys()].join(", ") || "none";
    throw new PawlError("unknown_workflow", `there is no workflow '${workflow}'; known: ${known}`, { workflow });
  }

  /** Undefined: no graph of this hash is stored, so a newer version's message came to an older function. */
  async of(workflow: string, hash: string): Promise<Program | undefined> {
    const known = this.#byHash.get(hash);
    if (known) return known;
    const newest = this.#newest.get(workflow);
    const graph = newest && (await this.#log.graph(hash));
    if (!newest || graph?.workflow !== workflow) return undefined;
    const program = onGraph(newest, graph, hash);
    this.#byHash.set(hash, program);
    return program;
  }
}
