import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { node } from "pawl";
import { implement } from "pawl/node";
import { testWorkflow } from "pawl/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { fromAsl } from "../../../lib/asl/index.ts";
import { tempFolder } from "../../local/temp-folder.ts";
import { distributed, only, task } from "../fragments.ts";

it("a redrive goes on with the items that were read, whatever has become of the object", async () => {
  const work = node("work", { input: z.json(), output: z.json() });
  const definition = only(
    distributed({
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSONL" },
        Parameters: { Bucket: "data", Key: "all" },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "I",
        States: { I: task() },
      },
    }),
  );
  const s3 = tempFolder({ "data/all": "1\n2\n3\n" });
  let fails = true;
  const handlers = {
    work: implement(work, (input) => {
      if (input === 2 && fails) throw new Error("not yet");
      return input;
    }),
  };
  const workflow = fromAsl(definition, { name: "machine", functions: { Echo: work } });
  const test = await testWorkflow(workflow, { handlers, s3 });
  const failed = await test.start({});
  expect(failed.status).toBe("failed");
  fails = false;
  writeFileSync(join(s3, "data/all"), "7\n8\n");
  await test.control(failed, { kind: "redrive" });
  expect(await test.end(failed)).toMatchObject({ status: "succeeded", output: [1, 2, 3] });
});
