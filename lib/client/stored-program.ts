/**
 * A workflow as its stored graph tells of it, for whoever has no code of it: schemas without their transformations,
 * and no slots. What such a schema lets through, the workflow's own may still refuse.
 */
import { z } from "zod";
import { contract, event, signal } from "../model/contracts.ts";
import type { Graph } from "../model/graph.ts";
import type { Json, JsonSchema } from "../model/json.ts";
import type { Program } from "../model/program.ts";

export function storedProgram(hash: string, graph: Graph): Program {
  const events = Object.entries(graph.events).map(([key, { source, type, version, data }]) => {
    return [key, event(source, type, { version, data: schemaOf(data) })] as const;
  });
  const signals = Object.entries(graph.signals).map(([name, { data }]) => {
    return [name, signal(name, { data: schemaOf(data) })] as const;
  });
  const calls = Object.entries(graph.calls ?? {}).map(([name, { input, output, errors }]) => {
    return [name, contract(name, { input: schemaOf(input), output: schemaOf(output), errors })] as const;
  });
  return {
    graph,
    hash,
    slots: {},
    nodes: {},
    events: Object.fromEntries(events),
    signals: Object.fromEntries(signals),
    calls: Object.fromEntries(calls),
    input: schemaOf(graph.input),
  };
}

/** Of a workflow whose graph is not stored yet: any input will do. */
export const unseenProgram = (workflow: string): Program =>
  storedProgram("", {
    format: 1,
    workflow,
    input: {},
    nodes: {},
    events: {},
    signals: {},
    root: { start: null, states: {} },
    output: { kind: "previous" },
  });

function schemaOf(schema: JsonSchema): z.ZodType<Json> {
  try {
    return z.fromJSONSchema(schema) as z.ZodType<Json>; // what parses JSON by a JSON Schema gives JSON
  } catch {
    return z.unknown() as unknown as z.ZodType<Json>; // says more than zod can check; startMessage sees that it is JSON
  }
}
