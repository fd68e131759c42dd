/** A price as people read it. */
import type { Priced, Quote } from "./quote.ts";

/** Of dollars: `1,234.50`, `0.0042`. */
export function printUsd(usd: number): string {
  if (usd !== 0 && Math.abs(usd) < 0.1) return Number(usd.toPrecision(2)).toString();
  return usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** What `cdk synth` says of a workflow. */
export function printLine({ workflow, region, priced, peers, idle }: Quote): string {
  const each = priced.map(({ batch, parts }) => `${printUsd(parts.total)} ${batchName(batch)}`).join(", ");
  const standard = `${printUsd(peers.standard.usd)} on Step Functions Standard`;
  return `'${workflow}': about ${each} USD a million executions in ${region} (${standard}), ${printUsd(idle.usdAMonth)} USD a month when idle`;
}

export const batchName = (batch: Priced["batch"]): string => (batch === 1 ? "one at a time" : `by ${batch}`);
