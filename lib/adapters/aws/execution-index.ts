/** Executions by workflow and status, newest first, from the index over headers. It lags behind by a moment. */
import { EXECUTIONS_INDEX } from "../../contract/names.ts";
import { STATUSES } from "../../kernel/record.ts";
import type { ExecutionQuery } from "../../ports/step-log.ts";
import type { Row } from "./items.ts";
import { indexOrder, indexPartition, SHARDS } from "./keys.ts";
import type { Table } from "./table.ts";

/**
 * One query per workflow, status and shard, each for as many as are wanted in all: any of them may hold the newest.
 *
 * @param workflows those to ask for when the query names none
 */
export async function listHeaders(
  table: Table,
  query: ExecutionQuery,
  workflows: () => Promise<readonly string[]>,
): Promise<readonly Row[]> {
  const { status, limit, before } = query;
  if (limit < 1) return [];
  const names = query.workflow === undefined ? await workflows() : [query.workflow];
  const statuses = status === undefined ? STATUSES : [status];
  const partitions = names.flatMap((workflow) =>
    statuses.flatMap((of) => SHARDS.map((shard) => indexPartition(workflow, of, shard))),
  );
  const found = await Promise.all(
    partitions.map((ipk) =>
      table.query({
        index: EXECUTIONS_INDEX,
        condition: before ? "ipk = :ipk AND isk < :before" : "ipk = :ipk",
        values: { ":ipk": ipk, ...(before && { ":before": indexOrder(before.startedAtMs, before.execution) }) },
        newestFirst: true,
        limit,
      }),
    ),
  );
  const order = (row: Row) => row.isk as string;
  return found
    .flat()
    .sort((a, b) => (order(a) < order(b) ? 1 : -1))
    .slice(0, limit);
}
