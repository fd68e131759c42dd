import { DynamoDBClient, GetItemCommand, ListTablesCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import { awsClient, MAX_ATTEMPTS } from "../../../../lib/adapters/aws/client-config.ts";
import type { RequestNote } from "../../../../lib/adapters/aws/requests.ts";
import {
  dynamoError,
  type Scripted,
  type ScriptedServer,
  scriptedServer,
} from "../../../support/aws/scripted-server.ts";

const Key = { pk: { S: "a" }, sk: { S: "b" } };
const ok = (body: object = {}): Scripted => ({ status: 200, body });

describe("a client", () => {
  let server: ScriptedServer;
  let client: DynamoDBClient;
  let notes: RequestNote[];
  afterEach(async () => {
    client.destroy();
    await server.close();
  });
  const answering = async (answers: readonly Scripted[], { told = true } = {}) => {
    server = await scriptedServer(answers);
    notes = [];
    client = awsClient(DynamoDBClient, {
      ...{ endpoint: server.endpoint, region: "us-east-1" },
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      ...(told && { onRequest: (note) => notes.push(note) }),
    });
  };
  const get = () => client.send(new GetItemCommand({ TableName: "t", Key }));
  const update = () => client.send(new UpdateItemCommand({ TableName: "t", Key }));

  describe("tries again", () => {
    it.each([
      ["after a conflict with a transaction", dynamoError("TransactionConflictException")],
      ["after a failure of the service", dynamoError("InternalServerError", 500)],
      ["when the service is away", { status: 503, body: {} }],
    ])("%s", async (_, failure) => {
      await answering([failure, failure, ok()]);
      await update();
      expect(server.requests).toHaveLength(3);
      expect(notes).toEqual([
        { service: "DynamoDB", operation: "UpdateItem", attempts: 3, readUnits: 0, writeUnits: 0 },
      ]);
    });
    it(`${MAX_ATTEMPTS} times in all`, async () => {
      await answering([dynamoError("TransactionConflictException")]);
      await expect(update()).rejects.toMatchObject({ name: "TransactionConflictException" });
      expect(server.requests).toHaveLength(MAX_ATTEMPTS);
      expect(notes).toMatchObject([{ attempts: MAX_ATTEMPTS, error: "TransactionConflictException" }]);
    });
    it.each(["ConditionalCheckFailedException", "ValidationException", "AccessDeniedException"])(
      "but not after %s, which would be the same again",
      async (name) => {
        await answering([dynamoError(name), ok()]);
        await expect(update()).rejects.toMatchObject({ name });
        expect(notes).toMatchObject([{ attempts: 1, error: name }]);
      },
    );
  });

  it("keeps its connection", async () => {
    await answering([ok()]);
    for (let i = 0; i < 5; i++) await get();
    expect([server.requests.length, server.connections]).toEqual([5, 1]);
  });

  describe("tells of a request", () => {
    it("what it consumed, with the indexes", async () => {
      const ConsumedCapacity = {
        ...{ TableName: "t", CapacityUnits: 3, Table: { CapacityUnits: 1 } },
        GlobalSecondaryIndexes: { executions: { CapacityUnits: 2 } },
      };
      await answering([ok({ ConsumedCapacity })]);
      await update();
      await get();
      expect(notes).toEqual([
        { service: "DynamoDB", operation: "UpdateItem", attempts: 1, readUnits: 0, writeUnits: 3 },
        { service: "DynamoDB", operation: "GetItem", attempts: 1, readUnits: 3, writeUnits: 0 },
      ]);
    });
    it("and asks for that only when somebody is told", async () => {
      await answering([ok()]);
      await get();
      expect(JSON.parse(server.requests[0] ?? "")).toMatchObject({ ReturnConsumedCapacity: "INDEXES" });
      await server.close();
      await answering([ok()], { told: false });
      await get();
      expect(server.requests[0]).not.toContain("ReturnConsumedCapacity");
    });
    it("also where nothing is metered", async () => {
      await answering([ok({ TableNames: [] })]);
      await client.send(new ListTablesCommand({}));
      expect(server.requests[0]).not.toContain("ReturnConsumedCapacity");
      expect(notes).toEqual([
        { service: "DynamoDB", operation: "ListTables", attempts: 1, readUnits: 0, writeUnits: 0 },
      ]);
    });
  });
});
