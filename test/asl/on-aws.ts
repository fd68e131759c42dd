/** The engine on AWS's wire: the functions of a deployment, in this process, on queues and a table of the stand-in. */
import { randomBytes } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { s3Client } from "../../lib/adapters/aws/payload-store.ts";
import { client } from "../../lib/client/index.ts";
import { asStateMachine } from "../../lib/testing/run-definition.ts";
import { credentials, environment, region } from "../support/aws/environment.ts";
import { runFunctions } from "../support/aws/functions.ts";
import { createBucket } from "../support/aws/table.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";
import { bucketsOf, type Place } from "./run-case.ts";

/** One platform for all cases, and a workflow of its own for each. */
export async function onAws(endpoint: string): Promise<Place> {
  const wanted = environment(endpoint);
  for (const name of Object.keys(process.env)) if (!(name in wanted)) delete process.env[name];
  Object.assign(process.env, wanted, { POWERTOOLS_LOG_LEVEL: "SILENT" });
  const platform = await TestPlatform.create({ endpoint, region, credentials, prefix: "asl-" });
  const pawl = client({ target: "aws", platform: platform.environment.platform });
  return {
    name: () => `machine${randomBytes(4).toString("hex")}`,
    run: async (workflow, handlers, input, objects) => {
      await putObjects(platform, objects);
      const functions = await runFunctions(platform, { workflow, handlers });
      try {
        const name = { workflow: workflow.name, id: "1" };
        await pawl.start(workflow, { id: name.id, input });
        const { header, records } = await functions.ended(name);
        const { output } = await pawl.show(name.workflow, name.id);
        const { status, error } = header;
        return asStateMachine(
          workflow,
          { status, ...(error && { error }), ...(output !== undefined && { output }) },
          records,
        );
      } finally {
        await functions.stop();
      }
    },
  };
}

/** Buckets of several cases may have one name. */
async function putObjects({ aws }: TestPlatform, objects: Readonly<Record<string, string>> = {}): Promise<void> {
  const client = s3Client(aws);
  for (const bucket of bucketsOf(objects)) await createBucket(aws, bucket);
  for (const [at, text] of Object.entries(objects)) {
    const [Bucket = "", ...key] = at.split("/");
    await client.send(new PutObjectCommand({ Bucket, Key: key.join("/"), Body: Buffer.from(text) }));
  }
}
