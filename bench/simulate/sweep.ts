/** Three workloads at five loads, under the quotas of a new account and under raised ones: what docs/scale.md shows. */
import { ceilingsOf } from "./ceilings.ts";
import { limitsOf, type Settings } from "./limits.ts";
import { type Figures, figuresOf } from "./report.ts";
import type { Bound } from "./simulate.ts";
import { ASSUMED, type Shape, stagesOf } from "./workloads.ts";

/** What docs/scale.md shows. */
export const PUBLISHED = { seconds: 300, seed: 1 } as const;
export const LOADS = [1, 10, 100, 1_000, 10_000] as const;

const { handlerMs } = ASSUMED;
export const WORKLOADS = {
  queued: { title: "10 queued steps", steps: 10, inline: false, handlerMs },
  inline: { title: "10 inline steps", steps: 10, inline: true, handlerMs },
  fanOut: { title: "a fan-out of 100", steps: 1, inline: false, fanOut: 100, handlerMs },
} as const satisfies Readonly<Record<string, Shape & { readonly title: string }>>;
export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

export const SETTINGS = {
  asDeployed: { title: "a new account, as deployed", quotas: "default" },
  raised: { title: "quotas raised, concurrency 1,000", quotas: "raised" },
  sharded: { title: "the same, and the index over 32 keys", quotas: "raised", shards: 32 },
} as const satisfies Readonly<Record<string, Settings & { readonly title: string }>>;
export type SettingsName = keyof typeof SETTINGS;
export const SETTINGS_NAMES = Object.keys(SETTINGS) as SettingsName[];

export interface Swept {
  readonly seconds: number;
  readonly seed: number;
  readonly handlerMs: number;
  /** By settings and workload. */
  readonly ceilings: Readonly<
    Record<SettingsName, Readonly<Record<WorkloadName, readonly (readonly [Bound, number])[]>>>
  >;
  readonly runs: Readonly<Record<SettingsName, Readonly<Record<WorkloadName, readonly Figures[]>>>>;
}

export function sweep({ seconds, seed }: { readonly seconds: number; readonly seed: number }): Swept {
  return {
    ...{ seconds, seed, handlerMs },
    ceilings: overAll((settings, workload) => ceilingsOf(stagesOf(workload), limitsOf(settings))),
    runs: overAll((settings, workload) =>
      LOADS.map((rate) => figuresOf({ ...workload, ...settings, rate, seconds, seed })),
    ),
  };
}

function overAll<T>(of: (settings: Settings, workload: Shape) => T): Record<SettingsName, Record<WorkloadName, T>> {
  const each = (settings: Settings) =>
    Object.fromEntries(WORKLOAD_NAMES.map((name) => [name, of(settings, WORKLOADS[name])]));
  // Made of all names of each.
  return Object.fromEntries(SETTINGS_NAMES.map((name) => [name, each(SETTINGS[name])])) as ReturnType<
    typeof overAll<T>
  >;
}
