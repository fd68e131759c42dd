import { viewExecutions } from "../client/log-view.ts";
import type { ExecutionPage } from "../client/types.ts";
import type { Engine } from "../engine/engine.ts";
import { ListQuery, listedBy, printCursor, read } from "./http-requests.ts";

/** @throws PawlError `usage` when it is no query of ours */
export async function executionsPage(engine: Pick<Engine, "list">, query: unknown): Promise<ExecutionPage> {
  const listed = listedBy(read(ListQuery, query, "query"));
  const { executions, last } = await viewExecutions({ executions: (of) => engine.list(of) }, listed);
  return { executions, next: last ? printCursor(last) : null };
}
