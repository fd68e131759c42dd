/** State machines whose executions are known, on AWS's wire: a tenth of them, always the same, that wait for no more than 2 s. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../lib/model/json.ts";
import { casesIn, type FoundCase, ownCases, recordedCases } from "../asl/cases-in.ts";
import { onAws } from "../asl/on-aws.ts";
import { type Place, runCase } from "../asl/run-case.ts";
import { onStandIn } from "../support/aws/stand-in.ts";

const MOST_SECONDS = 2;

type Fields = Readonly<Record<string, Json>>;
const numberOf = (value: Json | undefined, otherwise = 0): number => (typeof value === "number" ? value : otherwise);

/** At most, were everything in it to wait once. */
function secondsIn(value: Json | undefined): number {
  if (typeof value !== "object" || value === null) return 0;
  const { Seconds, seconds, TimeoutSeconds, ErrorEquals } = value as Fields;
  let sum = numberOf(Seconds) + numberOf(seconds) + numberOf(TimeoutSeconds);
  if (ErrorEquals && !("Next" in value)) {
    const { IntervalSeconds, BackoffRate, MaxAttempts } = value as Fields;
    for (let n = 0; n < numberOf(MaxAttempts, 3); n++)
      sum += numberOf(IntervalSeconds, 1) * numberOf(BackoffRate, 2) ** n;
  }
  return Object.values(value as Fields).reduce<number>((all, one) => all + secondsIn(one), sum);
}

/** Those that read from S3 there, and each tenth of all. */
const READ: ReadonlySet<string> = new Set([
  "reader_csv_given_jsonata",
  "reader_list_objects",
  "reader_no_object",
  "reader_no_bucket",
]);
const isChosen = ({ name }: FoundCase): boolean =>
  READ.has(name) || (createHash("sha256").update(name).digest()[0] ?? 0) % 10 === 0;
const isBrief = (one: FoundCase): boolean =>
  !("problem" in one) &&
  secondsIn(one.case.definition) + secondsIn(one.case.functions as Json | undefined) <= MOST_SECONDS &&
  !/SecondsPath|"Timestamp(Path)?"|\{% .*(Seconds|Timestamp)/.test(JSON.stringify(one.case.definition ?? null));

const chosen = [ownCases, ...(existsSync(recordedCases) ? [recordedCases] : [])]
  .flatMap(casesIn)
  .filter((one) => isChosen(one) && isBrief(one) && !("problem" in one) && one.case.kind === "execution");

onStandIn("an execution of a state machine on AWS's wire", (aws) => {
  let place: Place;
  beforeAll(async () => {
    place = await onAws(aws.endpoint);
  });

  describe.concurrent("comes to what is known of it", () => {
    it.each(chosen.map((one) => [one.name, one] as const))("%s", async (_, one) => {
      if ("problem" in one) throw new Error(one.problem);
      expect(await runCase(one.case, place)).toEqual({ result: "passed", reason: null });
    });
  });
});
