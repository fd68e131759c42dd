/** The stand-in is there, and keeps what the adapters build on. */
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { onStandIn } from "../support/aws/stand-in.ts";

onStandIn("the AWS stand-in", (aws) => {
  it("refuses a put whose condition fails, and says what is there", async () => {
    const db = new DynamoDBClient(aws);
    const TableName = `${aws.prefix}table`;
    await db.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    const put = (winner: string) =>
      db.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: "race" }, winner: { S: winner } },
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
    await put("first");
    const refusal = await put("second").catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConditionalCheckFailedException);
    expect(refusal).toMatchObject({ Item: { pk: { S: "race" }, winner: { S: "first" } } });
  });

  it("delivers a message, counts its receives, and forgets it once it is deleted", async () => {
    const sqs = new SQSClient(aws);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${aws.prefix}queue` }));
    const receive = async (VisibilityTimeout: number) => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          VisibilityTimeout,
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ["ApproximateReceiveCount"],
        }),
      );
      return Messages;
    };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
    expect(await receive(0)).toMatchObject([{ Body: "hello", Attributes: { ApproximateReceiveCount: "1" } }]);
    const [again] = await receive(30);
    expect(again).toMatchObject({ Body: "hello", Attributes: { ApproximateReceiveCount: "2" } });
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    expect(await receive(0)).toEqual([]);
  });

  it("is what a client reaches that is given nothing", async () => {
    const queue = await new SQSClient().send(new CreateQueueCommand({ QueueName: `${aws.prefix}default` }));
    expect(queue.QueueUrl).toMatch(aws.endpoint);
  });
});
