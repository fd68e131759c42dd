/**
 * What an item of a large map costs on AWS, counted at the SDK's clients: "What a step costs" says three writes, and a
 * hundredth of one for its set in the tree and for its parts of the lists. ITEMS=10000 counts a larger one.
 */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { RequestNote } from "../../lib/adapters/aws/requests.ts";
import { readOutputs } from "../../lib/engine/map-outputs.ts";
import { node, workflow } from "../../lib/index.ts";
import type { Header } from "../../lib/kernel/record.ts";
import { workflowIn } from "../../lib/lambda/index.ts";
import { implement } from "../../lib/node/index.ts";
import { runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const ITEMS = Number(process.env.ITEMS ?? 205);
const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"]);

interface Spent {
  readonly writes: number;
  readonly writeUnits: number;
  readonly readUnits: number;
}
function perItem(requests: ReadonlyMap<string, readonly RequestNote[]>): Spent {
  const notes = [...requests.values()].flat();
  const each = (sum: number) => sum / ITEMS;
  return {
    writes: each(notes.filter(({ operation }) => WRITES.has(operation)).length),
    writeUnits: each(notes.reduce((sum, { writeUnits }) => sum + writeUnits, 0)),
    readUnits: each(notes.reduce((sum, { readUnits }) => sum + readUnits, 0)),
  };
}

onStandIn("a large map", (aws) => {
  const line = node("line", { input: z.object({ line: z.number(), text: z.string() }), output: z.number() });
  const begin = (name: string) => workflow(name, { input: z.number() });
  const options = {
    over: ({ input }: { input: number }) =>
      Array.from({ length: input }, (_, i) => ({ line: i, text: `the text of line ${i}` })),
    concurrency: 1000,
  };
  const handlers = { line: implement(line, (input) => input.line) };

  describe(`of ${ITEMS} items`, () => {
    it.each([
      [
        "leaves its outputs in their order",
        begin("ordered").map("all", { ...options, each: (b) => b.task(line) }),
        Array.from({ length: ITEMS }, (_, i) => i),
      ],
      [
        "leaves where they lie",
        begin("referred").map("all", { ...options, each: (b) => b.task(line), results: "reference" }),
        { count: ITEMS, failed: 0, results: "referred/1#all" },
      ],
    ])("%s, at no more than 3.1 writes each", async (_, value, output) => {
      const { workflow: name } = value.program.graph;
      const platform = await TestPlatform.create(aws);
      const functions = await runFunctions(platform, {
        workflow: workflowIn({ value }),
        handlers,
        visibilitySeconds: 60,
      });
      const { transport, log } = platform.ports();
      const trigger = { kind: "direct" as const };
      const start = { kind: "start" as const, v: 1 as const, workflow: name, id: "1", trigger, input: ITEMS };
      await transport.send([{ queue: name, envelope: start }]);
      const { records } = await functions.ended({ workflow: name, id: "1" });
      await functions.quiet();
      await functions.stop();
      expect(records.get("decide/all")).toMatchObject({ output });
      const reading = { header: (await log.header({ workflow: name, id: "1" })) as Header, graph: value.program.graph };
      const page = await readOutputs(log, reading, { path: "all", from: ITEMS - 6, limit: 5 });
      expect(page).toEqual({
        count: ITEMS,
        outputs: Array.from({ length: 5 }, (_, i) => ITEMS - 6 + i),
        next: ITEMS - 1,
      });
      const spent = perItem(functions.requests);
      console.info(`a map of ${ITEMS}, per item: ${JSON.stringify(spent)}`);
      // An execution's own six, and what is once per hundred.
      expect(spent.writes).toBeLessThanOrEqual(3.05 + 10 / ITEMS);
      expect(spent.writeUnits).toBeLessThanOrEqual(3.1 + 20 / ITEMS);
    });
  });
});
