/** What a run is held to: the quotas of an account, and what Pawl itself sets. */
import { SHARDS } from "../../lib/adapters/aws/keys.ts";
import { QUOTAS, type QuotaSet } from "./quotas.ts";
import type { Resource } from "./workloads.ts";

/** What `lib/cdk` sets: `function-settings.ts`, `queue-function.ts`. */
export const DEPLOYED = { concurrency: 20, batch: 10, shards: SHARDS.length } as const;
/** The most that it takes. */
export const MOST_CONCURRENCY = 1_000;

export interface Limits {
  /** A second. */
  readonly units: Readonly<Record<Resource, number>>;
  readonly accountConcurrency: number;
  readonly invocationsPerSecond: number;
  readonly newEnvironments: { readonly burst: number; readonly perSecond: number };
  readonly pollers: { readonly first: number; readonly perMinute: number; readonly most: number };
  readonly batch: number;
}

export interface Settings {
  readonly quotas: QuotaSet;
  /** Of each queue's function. Default: as deployed; with raised quotas the most that may be set. */
  readonly concurrency?: number;
  readonly batch?: number;
  /** Keys that the index spreads one workflow's executions of one status over. Default: as the code has it. */
  readonly shards?: number;
}

export function limitsOf(of: Settings): Limits {
  const { quotas, batch = DEPLOYED.batch, shards = DEPLOYED.shards } = of;
  const most = quotas === "default" ? DEPLOYED.concurrency : MOST_CONCURRENCY;
  const { concurrency = most } = of;
  const value = (name: keyof typeof QUOTAS): number => QUOTAS[name][quotas];
  const writes = Math.min(value("tableWrites"), value("newTableWrites"));
  const index = Math.min(writes, shards * value("partitionWrites"));
  const accountConcurrency = value("accountConcurrency");
  return {
    units: {
      tableWrites: writes,
      tableReads: Math.min(value("tableReads"), value("newTableReads")),
      indexRunning: index,
      indexEnded: index,
    },
    accountConcurrency,
    invocationsPerSecond: accountConcurrency * value("invocationsPerConcurrency"),
    newEnvironments: { burst: value("newEnvironments"), perSecond: value("newEnvironments") / 10 },
    pollers: { first: value("pollersAtFirst"), perMinute: value("pollersPerMinute"), most: concurrency },
    batch,
  };
}
