import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import { awsClient, MAX_ATTEMPTS } from "../../../../lib/adapters/aws/client-config.ts";
import { transact } from "../../../../lib/adapters/aws/transact.ts";
import {
  dynamoError,
  type Scripted,
  type ScriptedServer,
  scriptedServer,
} from "../../../support/aws/scripted-server.ts";

const put = { Put: { TableName: "t", Item: { pk: { S: "a" } } } };
const ok: Scripted = { status: 200, body: {} };
const cancelled = (...codes: readonly string[]) =>
  dynamoError("TransactionCanceledException", 400, { CancellationReasons: codes.map((Code) => ({ Code })) });

describe("a transaction", () => {
  let server: ScriptedServer;
  let client: DynamoDBClient;
  afterEach(async () => {
    client.destroy();
    await server.close();
  });
  const writing = async (...answers: readonly Scripted[]) => {
    server = await scriptedServer(answers);
    client = awsClient(DynamoDBClient, {
      ...{ endpoint: server.endpoint, region: "us-east-1" },
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
    return transact(client, [put, put]);
  };
  const tokens = () =>
    server.requests.map((body) => (JSON.parse(body) as { readonly ClientRequestToken: string }).ClientRequestToken);

  it.each([
    ["at the same item as another", cancelled("None", "TransactionConflict")],
    ["on a table without capacity", cancelled("ThrottlingError", "None")],
    ["on one that is, beside another's", cancelled("ProvisionedThroughputExceeded", "TransactionConflict")],
    ["under too many requests", dynamoError("ThrottlingException")],
    ["while another of the same token is under way", dynamoError("TransactionInProgressException")],
  ])("%s is tried again, as the same one", async (_, failure) => {
    expect(await writing(failure, ok)).toBeUndefined();
    expect(server.requests).toHaveLength(2);
    expect(new Set(tokens()).size).toBe(1);
    expect(tokens()[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it(`that meets another ${MAX_ATTEMPTS} times is told of with its place`, async () => {
    expect(await writing(cancelled("None", "TransactionConflict"))).toMatchObject({ kind: "other", at: 1 });
    expect(server.requests).toHaveLength(MAX_ATTEMPTS);
  });

  it.each([
    [0, cancelled("ConditionalCheckFailed", "None")],
    [1, cancelled("None", "ConditionalCheckFailed")],
    [1, cancelled("TransactionConflict", "ConditionalCheckFailed")],
  ])("whose condition %i does not hold is not tried again", async (at, failure) => {
    expect(await writing(failure, ok)).toEqual({ kind: "condition", at });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [1, cancelled("None", "ValidationError")],
    [undefined, dynamoError("ValidationException")],
    [undefined, dynamoError("AccessDeniedException")],
  ])("that DynamoDB will refuse again, for item %s, is not tried again", async (at, failure) => {
    expect(await writing(failure, ok)).toMatchObject({ kind: "other", at });
    expect(server.requests).toHaveLength(1);
  });
});
