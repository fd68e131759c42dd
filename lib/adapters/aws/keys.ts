/**
 * Where an item lies in the table.
 *
 * | item | pk | sk |
 * |---|---|---|
 * | header | `order/1042` | `#` |
 * | step, decision, set of a join | `order/1042` | the record's key: `step/charge`, `decide/#start`, `join/pay` |
 * | key of events | `order/~key/1042` | `key` |
 * | stored graph | `~graph/<hash>` | `#` |
 * | workflow with its newest graph | `~workflows` | `order` |
 * | buried message | `order/~dead` | `dead-letters.ts` |
 *
 * Neither a workflow's name nor an execution's id begins with `~`, so none of these is taken for another; and a role
 * can be confined to a workflow's own partitions by their beginning (`dynamodb:LeadingKeys`). Keys of one execution
 * come after its header's, since every record's begins with a letter.
 */
import { createHash } from "node:crypto";
import { type ExecutionName, parseExecution, printExecution } from "../../contract/ids.ts";
import type { ExecutionStatus } from "../../kernel/record.ts";

export interface Key {
  readonly pk: string;
  readonly sk: string;
}
export interface IndexKey {
  readonly ipk: string;
  readonly isk: string;
}

export const HEADER = "#";
export const WORKFLOWS = "~workflows";

export const headerKey = (name: ExecutionName): Key => ({ pk: printExecution(name), sk: HEADER });
export const recordKey = (name: ExecutionName, key: string): Key => ({ pk: printExecution(name), sk: key });
export const graphKey = (hash: string): Key => ({ pk: `~graph/${hash}`, sk: HEADER });
export const workflowKey = (workflow: string): Key => ({ pk: WORKFLOWS, sk: workflow });

export const executionOf = ({ pk }: Pick<Key, "pk">): ExecutionName => parseExecution(pk);

/** Headers of one status would all lie in one partition of the index, which takes 1,000 writes a second. */
export const SHARDS: readonly number[] = [0, 1, 2, 3];

const shardOf = ({ id }: ExecutionName): number => (createHash("sha256").update(id).digest()[0] ?? 0) % SHARDS.length;

export const indexPartition = (workflow: string, status: ExecutionStatus, shard: number): string =>
  `${workflow}#${status}#${shard}`;

/** Changes with the status. */
export const indexPartitionOf = (name: ExecutionName, status: ExecutionStatus): string =>
  indexPartition(name.workflow, status, shardOf(name));

/** Sorts by the start, and those that started together by their names. Never changes. */
export const indexOrder = (startedAtMs: number, execution: string): string =>
  `${String(startedAtMs).padStart(15, "0")}#${execution}`;
