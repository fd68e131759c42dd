import type { Client, ExecutionSummary } from "../client/index.ts";
import type { ExecutionStatus } from "../kernel/record.ts";
import type { Graph } from "../model/graph.ts";
import type { DeadLetter } from "../ports/transport.ts";

/** What commands that look at a place need: a running engine has it, a data folder at rest, and a deployed platform. */
export interface View extends Pick<Client, "show"> {
  /** Undefined: it is not known here. */
  graph(workflow: string, hash: string): Promise<Graph | undefined>;
  list(query: ViewQuery): Promise<ViewPage>;
  /** Newest first. */
  deadLetters(query: LetterQuery): Promise<readonly DeadLetter[]>;
}
export interface ViewQuery {
  readonly workflow?: string | undefined;
  readonly status?: ExecutionStatus | undefined;
  /** Started then or later, and before then; ISO 8601. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit: number;
}
export type LetterQuery = Pick<ViewQuery, "workflow" | "limit">;
export interface ViewPage {
  readonly executions: readonly ExecutionSummary[];
  /** There are more than were asked for. */
  readonly more: boolean;
}

export const viewOf = (client: Client): Omit<View, "deadLetters" | "graph"> => ({
  show: client.show,
  async list(query) {
    const { executions, next } = await client.list(query);
    return { executions, more: next !== null };
  },
});

/** Of all that there are, as they were buried. */
export const newestLetters = (all: readonly DeadLetter[], { workflow, limit }: LetterQuery): readonly DeadLetter[] =>
  all
    .filter(({ queue }) => workflow === undefined || queue === workflow || queue.startsWith(`${workflow}.`))
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(0, limit);
