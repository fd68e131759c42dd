/**
 * Events as EventBridge carries them. What another application puts is read as it is; what a workflow emits is a
 * CloudEvents 1.0 event inside `detail`, because EventBridge gives each delivery an id of its own.
 */
import { z } from "zod";
import { PawlError } from "../errors.ts";
import type { EventOf } from "../model/contracts.ts";
import { type Json, notJson, toJson } from "../model/json.ts";
import { schemaProblem } from "./schema-problem.ts";

const EventBridgeEvent = z.object({
  id: z.string().min(1, "is empty"),
  source: z.string().min(1, "is empty"),
  "detail-type": z.string().min(1, "is empty"),
  time: z.string().optional(),
  detail: z.json(),
});
const CloudEvent = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  time: z.string().optional(),
  dataversion: z.number().int().positive().optional(),
  data: z.json(),
});

/**
 * Reads an EventBridge event, or says in one line what it lacks.
 *
 * @throws PawlError `invalid_event`
 */
export function parseEvent(value: unknown): EventOf {
  const json = toJson(value);
  if (!json.ok) throw invalidEvent(notJson("it", json));
  const outer = EventBridgeEvent.safeParse(json.value);
  if (!outer.success)
    throw invalidEvent(
      schemaProblem(outer.error),
      outer.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`),
    );
  const { id, source, time, detail } = outer.data;
  const inner = CloudEvent.safeParse(detail);
  if (inner.success) {
    const { dataversion = 1, data, ...e } = inner.data;
    return {
      id: e.id,
      source: e.source,
      type: e.type,
      version: dataversion,
      time: e.time ?? time ?? "",
      data: data as Json,
    };
  }
  return { id, source, type: outer.data["detail-type"], version: 1, time: time ?? "", data: detail as Json };
}

const invalidEvent = (problem: string, problems = [problem]): PawlError =>
  new PawlError(
    "invalid_event",
    `this is no EventBridge event: ${problem}. It needs id, source, detail-type and detail`,
    { problems },
  );

/** The entry to put on the bus. */
export function printEvent(event: EventOf): Json {
  const { version: dataversion, type, source, ...rest } = event;
  return {
    version: "0",
    id: event.id,
    source,
    "detail-type": type,
    time: event.time,
    detail: { specversion: "1.0", type, source, dataversion, ...rest },
  };
}
