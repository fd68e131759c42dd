/**
 * What `pawl cost` reckons is what an execution does, counted at the SDK's clients: units of the table, requests to it,
 * requests that send, invocations, within 5%. Values are of one size, and messages come one at a time, as the model takes them to be.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { z } from "zod";
import type { RequestNote } from "../../lib/adapters/aws/requests.ts";
import { compress } from "../../lib/adapters/compressed.ts";
import { ASSUMED } from "../../lib/cost/assumptions.ts";
import type { Counts } from "../../lib/cost/counts.ts";
import { walkGraph } from "../../lib/cost/walk.ts";
import { node, signal, workflow } from "../../lib/index.ts";
import { workflowIn } from "../../lib/lambda/index.ts";
import type { Program } from "../../lib/model/program.ts";
import type { HandlerMap } from "../../lib/node/in-process.ts";
import { implement } from "../../lib/node/index.ts";
import { runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

/** Values that are not alike, so that several of them compress no better than one. */
const noise = (seed: string) => ({ text: createHash("shake256", { outputLength: 200 }).update(seed).digest("hex") });
const payloadBytes = JSON.stringify(noise("")).length;
const ITEMS = 12;
const several = JSON.stringify(Array.from({ length: ITEMS }, (_, i) => noise(String(i))));
const assumed = { ...ASSUMED, payloadBytes, items: ITEMS, compressed: compress(several).length / several.length };

const Text = z.object({ text: z.string() });
const contract = { input: Text, output: Text };
const queued = node("queued", contract);
const ridden = node("ridden", { ...contract, inline: true });
const again = node("again", { ...contract, repeatable: true });
const both = node("both", { ...contract, inline: true, repeatable: true });
const piece = node("piece", { input: z.string(), output: Text });
const undone = node("undone", { input: Text.nullable() });
const go = signal("go", { data: Text });

const begin = (name: string) => workflow(name, { input: Text });
type Chain = ReturnType<typeof begin>;
const ten = (name: string, of: typeof queued | typeof both) =>
  Array.from({ length: 10 }, (_, i) => of.as(`s${i}`)).reduce(
    (chain, task) => chain.task(task) as unknown as Chain,
    begin(name),
  );

const WORKFLOWS: readonly { readonly program: Program }[] = [
  ten("queuedChain", queued),
  ten("inlineChain", both),
  begin("mix")
    .task(queued)
    .task(ridden)
    .task(again, { input: (s) => s.input })
    .set("kept", (s) => s.queued)
    .choice("which", (s) => (s.again.text === "" ? "short" : "long"), {
      short: (b) => b,
      long: (b) => b.task(both).task(queued.as("last"), { input: (s) => s.queued }),
    })
    .output((s) => s.input),
  begin("sides")
    .task(queued)
    .parallel("sides", {
      left: (b) => b.task(queued.as("one")).task(ridden.as("two")),
      right: (b) => b.task(again),
      none: (b) => b,
    })
    .task(queued.as("after"), { input: (s) => s.input }),
  begin("fan").map("all", {
    over: (s) => Array.from({ length: ITEMS }, (_, i) => s.input.text.slice(0, 30) + i),
    each: (b) => b.task(piece),
    concurrency: 5,
  }),
  begin("paused").task(queued, { undo: undone }).wait("nap", { for: "1 second" }).task(again),
  begin("asked").task(queued).waitFor(go, { timeout: "4 seconds" }).task(again),
];
const HANDLERS = {
  queued: implement(queued, () => noise("queued")),
  ridden: implement(ridden, () => noise("ridden")),
  again: implement(again, () => noise("again")),
  both: implement(both, () => noise("both")),
  piece: implement(piece, (item) => noise(item)),
  undone: implement(undone, () => null),
} as unknown as HandlerMap; // of different types

const of = ({ name }: { readonly name: string }) => ({ v: 1 as const, workflow: name, id: "1" });
const cases = WORKFLOWS.map(({ program }) => ({ name: program.graph.workflow, program }));

onStandIn("what is reckoned of an execution", (aws) => {
  it.each(cases)("of $name is counted on the wire", async ({ name, program }) => {
    const { graph, hash, slots } = program;
    const platform = await TestPlatform.create(aws);
    const { transport, log } = platform.ports();
    await log.putGraph(hash, graph); // once a deployment, and no execution's
    const handlers = Object.fromEntries(Object.keys(graph.nodes).map((it) => [it, HANDLERS[it]])) as HandlerMap;
    const workflow = workflowIn({ value: { kind: "workflow", name, program } as never });
    const functions = await runFunctions(platform, { workflow, handlers, visibilitySeconds: 60, batchSize: 1 });
    const input = noise("input");
    const start = { kind: "start", ...of({ name }), trigger: { kind: "direct" }, input } as const;
    const signalled = { kind: "signal", ...of({ name }), signal: "go", signalId: "1", data: noise("go") } as const;
    const sent = [
      { queue: name, envelope: start },
      ...(graph.signals.go ? [{ queue: name, envelope: signalled, delayMs: 1_000 }] : []),
    ];
    await transport.send(sent);
    const { header } = await functions.ended({ workflow: name, id: "1" });
    const { tally } = walkGraph({ graph, slots, assumed });
    const invocations = () => [...functions.pollers.values()].reduce((sum, poller) => sum + poller.invocations(), 0);
    // A wait's timer comes once its time is over, though its signal was there before.
    for (const untilMs = Date.now() + 10_000; invocations() < tally.total.messages && Date.now() < untilMs; )
      await sleep(50);
    await functions.quiet();
    await functions.stop();
    expect(header.status).toBe("succeeded");

    const notes = [...functions.requests].flatMap(([queue, all]) => (queue === name ? withoutGraph(all) : all));
    const counted = { ...countedIn(notes), sends: sendsIn(notes) + sent.length, messages: invocations() };
    const { writeUnits, readUnits, dynamo, sends, messages } = tally.total;
    const reckoned = { writeUnits, readUnits, dynamo, sends, messages };
    console.info(`${name}: counted ${JSON.stringify(counted)}, reckoned ${JSON.stringify(reckoned)}`);
    for (const [what, value] of Object.entries(counted)) {
      const apart = Math.abs(reckoned[what as keyof typeof reckoned] / value - 1);
      expect(apart, `${what}: ${value} counted`).toBeLessThanOrEqual(0.05);
    }
  });
});

/** The control function begins by looking whether the graph is there. */
function withoutGraph([first, ...notes]: readonly RequestNote[]): readonly RequestNote[] {
  expect(first?.operation).toBe("GetItem");
  return notes;
}

const countedIn = (notes: readonly RequestNote[]): Pick<Counts, "writeUnits" | "readUnits" | "dynamo"> => ({
  writeUnits: notes.reduce((sum, it) => sum + it.writeUnits, 0),
  readUnits: notes.reduce((sum, it) => sum + it.readUnits, 0),
  dynamo: notes.filter(({ service }) => service === "DynamoDB").length,
});
const sendsIn = (notes: readonly RequestNote[]): number =>
  notes.filter(({ operation }) => operation === "SendMessageBatch").length;
