import type { WaitState } from "../definition.ts";
import { parseTimestamp, printTimestamp } from "../timestamps.ts";
import type { At } from "./place.ts";
import { valueOfQueries } from "./queries.ts";
import { unknown, type Value } from "./value.ts";

/** A time that is written down. The output before goes on. */
export function wait({ name, state, flow, chain, place }: At<WaitState>): void {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = state;
  const of = (given: number | string): Value =>
    flow.isJsonata ? valueOfQueries(given, flow.reading()) : { kind: "literal", value: given };
  const seconds = constant(Seconds === undefined ? undefined : of(Seconds));
  const time = parseTimestamp(constant(Timestamp === undefined ? undefined : of(Timestamp)));
  if (typeof seconds === "number") {
    if (seconds > place.lifeSeconds) chain.refuse(name, "it waits for longer than an execution lives");
    else if (seconds > 0) chain.steps.push({ kind: "wait", name: chain.name(name), seconds });
  } else if (time !== undefined)
    chain.steps.push({ kind: "until", name: chain.name(name), time: printTimestamp(time) });
  else chain.refuse(name, `how long it waits is worked out: '${SecondsPath ?? TimestampPath ?? Seconds ?? Timestamp}'`);
  chain.pass(name, flow);
}

const constant = (value: Value = unknown("")): unknown => (value.kind === "literal" ? value.value : undefined);
