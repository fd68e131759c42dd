/** How much is read: together more than one value may have, each item no more than an iteration is given. */
import { expect, it } from "vitest";
import { fromAsl } from "../../../lib/asl/index.ts";
import { runDefinition } from "../../../lib/testing/run-definition.ts";
import { tempFolder } from "../../local/temp-folder.ts";
import { distributed, type Fragment, only, pass } from "../fragments.ts";

const machine = (config: Fragment, more: Fragment = {}) =>
  fromAsl(
    only(
      distributed({
        ItemReader: {
          Resource: "arn:aws:states:::s3:getObject",
          ReaderConfig: config,
          Parameters: { Bucket: "data", Key: "all" },
        },
        ...more,
      }),
    ),
    { name: "machine", functions: {} },
  );
const CSV = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" };

it("goes through thousands of items that together are larger than any one value", async () => {
  const rows = Array.from({ length: 2_500 }, (_, i) => `${i},${"x".repeat(150)}`);
  const s3 = tempFolder({ "data/all": `n,text\n${rows.join("\n")}\n` });
  const definition = machine(CSV, {
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "I",
      States: { I: pass({ InputPath: "$.n" }) },
    },
  });
  expect(await runDefinition(definition, {}, {}, s3)).toMatchObject({
    status: "SUCCEEDED",
    output: rows.map((_, i) => String(i)),
  });
});

it("fails for an item of more than 256 KiB", async () => {
  const s3 = tempFolder({ "data/all": JSON.stringify(["small", "x".repeat(256 * 1024)]) });
  expect(await runDefinition(machine({ InputType: "JSON" }), {}, {}, s3)).toMatchObject({
    ...{ status: "FAILED", error: "States.DataLimitExceeded" },
    cause: expect.stringMatching(/item 1 has more than 262144 bytes/),
  });
});

it("makes no batch of more than 256 KiB, whatever it may hold", async () => {
  const s3 = tempFolder({ "data/all": JSON.stringify(Array.from({ length: 5 }, () => "x".repeat(60_000))) });
  const definition = machine(
    { InputType: "JSON" },
    {
      ItemBatcher: { MaxItemsPerBatch: 4, BatchInput: { more: "y".repeat(30_000) } },
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "I",
        States: { I: pass({ Parameters: { "n.$": "States.ArrayLength($.Items)" } }) },
      },
    },
  );
  expect(await runDefinition(definition, {}, {}, s3)).toMatchObject({ output: [{ n: 3 }, { n: 2 }] });
});

it("needs a bucket that is worked out to be named", () => {
  const definition = only(
    distributed({
      ItemReader: { Resource: "arn:aws:states:::s3:listObjectsV2", Parameters: { "Bucket.$": "$.bucket" } },
    }),
  );
  const options = { name: "machine", functions: {} };
  expect(() => fromAsl(definition, options)).toThrow(
    expect.objectContaining({ code: "invalid_workflow", message: expect.stringMatching(/S.*name those.*`buckets`/s) }),
  );
  const { program } = fromAsl(definition, { ...options, buckets: ["a"] });
  expect(program.graph.root.states["S%items"]).toMatchObject({ reads: { buckets: ["a"], list: true } });
});
