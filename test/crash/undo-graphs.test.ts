/** Races, catches and undo under every fault, and with every request of a person, at any moment. */
import { describe, expect, it } from "vitest";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import type { EffectOf } from "../../lib/kernel/record.ts";
import { duplicates, singleFaults } from "../../lib/testing/world/placements.ts";
import type { World } from "../../lib/testing/world/world.ts";
import { type UndoGraph, undoGraphs } from "./undo-graphs.ts";
import { asked, callsOf, endsWell, some } from "./undo-runs.ts";

/** What the plans say, each stage in one string. */
const undoneIn = (world: World): readonly string[] =>
  [...(world.end()?.records ?? [])].flatMap(([, record]) => {
    const plan = record.kind === "decision" ? record.values?.plan : undefined;
    const { stages } = (plan ?? { stages: [] }) as unknown as { readonly stages: readonly EffectOf<"step">[][] };
    return stages.map((steps) =>
      steps
        .map(({ path }) => path.replace(/\/undo$/, ""))
        .sort()
        .join(" "),
    );
  });

describe.each(undoGraphs)("$name", (graph) => {
  it("comes to its end, and what it did is undone in stages, when nothing goes wrong", async () => {
    const world = await endsWell(graph, { faults: [] });
    const { header, output } = world.end() ?? {};
    expect([header?.status, header?.error?.code, output]).toEqual([graph.status, graph.error, graph.output]);
    expect(undoneIn(world)).toEqual(graph.undone);
  });

  it("breaks no rule, whatever single fault befalls it", async () => {
    const base = await endsWell(graph, { faults: [] });
    for (const fault of some(singleFaults(base), 12)) await endsWell(graph, { faults: [fault] });
    const twice = [...duplicates(base)];
    for (const jitterMs of [0, 20]) await endsWell(graph, { faults: twice, jitterMs });
  });

  it("breaks no rule, whatever is asked of it at whichever call, and asked again afterwards", async () => {
    const base = await endsWell(graph, { faults: [] });
    const cancels: readonly ControlRequest[] = [{ kind: "cancel" }, { kind: "cancel", undo: false }];
    for (const order of cancels)
      for (const at of some(callsOf(base), 4)) {
        const faults = [asked(order, at)];
        await endsWell(graph, { faults, jitterMs: 20, afterwards: [{ kind: "redrive" }] });
        const again = [...faults, asked({ kind: "cancel", undo: false }, at + 9)];
        await endsWell(graph, { faults: again, jitterMs: 20, afterwards: [{ kind: "redrive" }, { kind: "redrive" }] });
      }
    for (const at of some(callsOf(base), 3)) {
      await endsWell(graph, { faults: [asked({ kind: "pause" }, at)], jitterMs: 20 });
      await endsWell(graph, { faults: [asked({ kind: "heal" }, at)], jitterMs: 20 });
      await endsWell(graph, { faults: [{ kind: "purge", at }], jitterMs: 20 });
      await endsWell(graph, { faults: [asked({ kind: "pause" }, at), { kind: "purge", at: at + 5 }], jitterMs: 20 });
    }
  });
});

describe("any of them", () => {
  const named = (name: string): UndoGraph => undoGraphs.find((it) => it.name === name) as UndoGraph;

  it("lets a loser's next step not begin", async () => {
    const world = await endsWell(named("race"), { faults: [] });
    expect(world.history.filter(({ what }) => what === "run first/b/never")).toEqual([]);
  });

  it("goes on with undoing what is stuck, or ends without it, one way for all who see to it", async () => {
    const stuck = named("stuckEnd");
    const base = await endsWell(stuck, { faults: [] });
    const at = base.history.find(({ what }) => what === "turn to stuck")?.call ?? 0;
    expect(base.end()?.header).toMatchObject({ epoch: 1, status: "failed" });
    const ended = await endsWell(stuck, { faults: [asked({ kind: "cancel", undo: false }, at + 1)] });
    expect(ended.end()?.header).toMatchObject({ epoch: 1, status: "failed", keep: true, error: { code: "Declined" } });
    for (const later of [0, 1, 2, 3, 5, 8])
      await endsWell(stuck, {
        faults: [asked({ kind: "redrive" }, at + 1), asked({ kind: "cancel", undo: false }, at + 1 + later)],
        afterwards: [{ kind: "redrive" }],
      });
  });
});
