import { expect, it } from "vitest";
import { statesOf } from "../../../lib/model/graph.ts";
import * as programs from "../../support/programs.ts";

const graphs = Object.values(programs).flatMap((it) => ("program" in it ? [it.program.graph] : []));

it("programs as users write them compile, and their graphs are data", () => {
  expect(graphs.map(({ workflow }) => workflow)).toHaveLength(8);
  for (const graph of graphs) expect(JSON.parse(JSON.stringify(graph))).toEqual(graph);
});

it("they use every kind of state", () => {
  const kinds = new Set(graphs.flatMap(({ root }) => [...statesOf(root)].map(([, { kind }]) => kind)));
  expect([...kinds].sort()).toEqual([
    "block",
    "call",
    "choice",
    "fail",
    "loop",
    "map",
    "match",
    "parallel",
    "race",
    "set",
    "task",
    "wait",
    "waitFor",
  ]);
});
