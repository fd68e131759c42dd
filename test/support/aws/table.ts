/** The platform's table and bucket as the deployment makes them, for tests of adapters that need no deployment. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type AwsOptions, awsClient } from "../../../lib/adapters/aws/client-config.ts";
import { s3Client } from "../../../lib/adapters/aws/payload-store.ts";
import { EXECUTIONS_INDEX } from "../../../lib/contract/names.ts";

/** A table of a user's: no sort key, no index. */
export async function createPlainTable(aws: AwsOptions, name: string, partitionKey: string): Promise<void> {
  const client = awsClient(DynamoDBClient, aws);
  await client
    .send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: partitionKey, KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: partitionKey, AttributeType: "S" }],
      }),
    )
    .catch(madeBefore);
  client.destroy();
}

/** A request that took long is sent again, and no test gives a name twice. */
function madeBefore(error: unknown): void {
  if (!(error instanceof ResourceInUseException)) throw error;
}

export async function createTable(aws: AwsOptions, name: string): Promise<void> {
  const client = awsClient(DynamoDBClient, aws);
  await client
    .send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: key("pk", "sk"),
        AttributeDefinitions: ["pk", "sk", "ipk", "isk"].map((it) => ({
          AttributeName: it,
          AttributeType: "S" as const,
        })),
        GlobalSecondaryIndexes: [
          { IndexName: EXECUTIONS_INDEX, KeySchema: key("ipk", "isk"), Projection: { ProjectionType: "ALL" } },
        ],
      }),
    )
    .catch(madeBefore);
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    }),
  );
  client.destroy();
}

export async function deleteTable(aws: AwsOptions, name: string): Promise<void> {
  const client = awsClient(DynamoDBClient, aws);
  await client.send(new DeleteTableCommand({ TableName: name }));
  client.destroy();
}

export async function createBucket(aws: AwsOptions, name: string): Promise<void> {
  const client = s3Client(aws);
  await client.send(new CreateBucketCommand({ Bucket: name }));
  client.destroy();
}

const key = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: "HASH" as const },
  { AttributeName: sort, KeyType: "RANGE" as const },
];
