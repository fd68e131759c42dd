import { Duration, RemovalPolicy, Size } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { describe, expect, it } from "vitest";
import { Deployment, resources, templateOf } from "./deployment.ts";

const platformOf = (...given: ConstructorParameters<typeof Deployment>) => templateOf(new Deployment(...given).stack);

describe("the step log", () => {
  const [table] = resources(platformOf(), "AWS::DynamoDB::Table");

  it("is one table by execution and record, paid by request", () => {
    expect(table?.Properties).toMatchObject({
      TableName: "pawl-log",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    });
  });

  it("has an index over headers with all that they hold", () => {
    expect(table?.Properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: "executions",
        KeySchema: [
          { AttributeName: "ipk", KeyType: "HASH" },
          { AttributeName: "isk", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "ALL" },
      },
    ]);
  });

  it("forgets records when they expire", () => {
    expect(table?.Properties.TimeToLiveSpecification).toEqual({ AttributeName: "expiresAt", Enabled: true });
  });

  it("is encrypted, can be restored to any second, and cannot be deleted", () => {
    expect(table?.Properties).toMatchObject({
      SSESpecification: { SSEEnabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    });
    expect(table).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });
});

describe("the payload bucket", () => {
  const template = platformOf();
  const [bucket] = resources(template, "AWS::S3::Bucket");

  it("is encrypted, closed to the public, and stays when the stack goes", () => {
    expect(bucket?.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(bucket?.DeletionPolicy).toBe("Retain");
  });

  it("refuses what does not come over TLS", () => {
    template.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: "Deny", Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
        ]),
      }),
    });
  });

  it("keeps an object for longer than its record may live, 45 days or a year and 15 days, by one rule of the two", () => {
    const whole = { Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } };
    expect(bucket?.Properties.LifecycleConfiguration.Rules).toEqual([
      { ...whole, Prefix: "month/", ExpirationInDays: 50 },
      { ...whole, Prefix: "year/", ExpirationInDays: 386 },
    ]);
  });
});

describe("delays beyond a queue's", () => {
  const template = platformOf();

  it("are schedules of a group, sent under a role that may only send to this platform's queues", () => {
    template.hasResourceProperties("AWS::Scheduler::ScheduleGroup", { Name: "pawl-delays" });
    const [role] = resources(template, "AWS::IAM::Role");
    expect(role?.Properties.Policies[0].PolicyDocument.Statement).toEqual([
      {
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: {
          "Fn::Join": [
            "",
            [
              "arn:",
              { Ref: "AWS::Partition" },
              ":sqs:",
              { Ref: "AWS::Region" },
              ":",
              { Ref: "AWS::AccountId" },
              ":pawl-*",
            ],
          ],
        },
      },
    ]);
    expect(role?.Properties.ManagedPolicyArns).toBeUndefined();
  });

  it("cannot be borrowed: the role is the group's alone", () => {
    const [role] = resources(template, "AWS::IAM::Role");
    expect(role?.Properties.AssumeRolePolicyDocument.Statement).toMatchObject([
      {
        Principal: { Service: "scheduler.amazonaws.com" },
        Condition: {
          StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
          ArnEquals: { "aws:SourceArn": { "Fn::GetAtt": [expect.stringContaining("Delays"), "Arn"] } },
        },
      },
    ]);
  });
});

describe("a platform", () => {
  it("has a bus, and everything named after it", () => {
    const template = platformOf({ name: "shop" });
    template.hasResourceProperties("AWS::Events::EventBus", { Name: "shop-events" });
    template.hasResourceProperties("AWS::DynamoDB::Table", { TableName: "shop-log" });
    template.hasResourceProperties("AWS::Scheduler::ScheduleGroup", { Name: "shop-delays" });
  });

  it("refuses a name that does not fit everywhere", () => {
    expect(() => platformOf({ name: "Shop" })).toThrow(/the platform 'Shop' is refused/);
  });

  it("keeps nothing when it is to be thrown away", () => {
    const template = platformOf({ removalPolicy: RemovalPolicy.DESTROY });
    for (const type of ["AWS::DynamoDB::Table", "AWS::S3::Bucket"])
      expect(resources(template, type).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(["Delete"]);
    template.hasResourceProperties("AWS::DynamoDB::Table", { DeletionProtectionEnabled: false });
  });

  it("encrypts table and bucket with a key of the user's", () => {
    const template = platformOf((stack) => ({ encryptionKey: new Key(stack, "Key") }));
    const key = { "Fn::GetAtt": [expect.stringMatching(/^Key/), "Arn"] };
    expect(resources(template, "AWS::DynamoDB::Table")[0]?.Properties.SSESpecification).toEqual({
      SSEEnabled: true,
      SSEType: "KMS",
      KMSMasterKeyId: key,
    });
    expect(resources(template, "AWS::S3::Bucket")[0]?.Properties.BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [
        { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key } },
      ],
    });
  });

  it("tells a topic of every alarm", () => {
    const deployment = new Deployment((stack) => ({ alarmTopic: new Topic(stack, "Topic") }));
    const { stack } = deployment.order();
    for (const template of [templateOf(deployment.stack), templateOf(stack)])
      for (const { Properties } of resources(template, "AWS::CloudWatch::Alarm"))
        expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringContaining("Topic") }]);
  });

  it("says how many functions its workflows may run at once", () => {
    const deployment = new Deployment();
    deployment.order();
    deployment.ticket({ defaults: { concurrency: 3 }, nodes: { notify: { concurrency: 10 } } });
    const { messages } = deployment.app.synth().getStackByName("test");
    const told = messages.map(({ level, entry }) => [level, entry.data]);
    expect(told).toContainEqual([
      "info",
      expect.stringContaining("may run 186 functions at once; an account has 1000 by default"), // 8 × 20 + 2, 4 × 3 + 10 + 2
    ]);
    expect(told.filter(([, text]) => String(text).includes("functions at once"))).toHaveLength(1);
  });

  it("warns of more than an account has", () => {
    const deployment = new Deployment();
    deployment.order({ defaults: { concurrency: 200 } });
    const { messages } = deployment.app.synth().getStackByName("test");
    expect(messages.filter(({ level }) => level !== "info")).toMatchObject([{ level: "warning" }]);
  });

  it("tells its functions another payload limit, and refuses one that is none", () => {
    const deployment = new Deployment({ payloadLimit: Size.mebibytes(64) });
    for (const { Properties } of resources(templateOf(deployment.order().stack), "AWS::Lambda::Function"))
      expect(Properties.Environment.Variables.PAWL_PAYLOAD_LIMIT_MIB).toBe("64");
    expect(() => new Deployment({ payloadLimit: Size.gibibytes(1) })).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(/from 1 to 256, not 1024/) }),
    );
  });

  it("lets clocks be further apart when it is told to", () => {
    const deployment = new Deployment({ clockMargin: Duration.seconds(5) });
    const template = templateOf(deployment.order().stack);
    for (const { Properties } of resources(template, "AWS::Lambda::Function"))
      expect(Properties.Environment.Variables.PAWL_CLOCK_MARGIN_MS).toBe("5000");
    template.hasResourceProperties("AWS::SQS::Queue", { QueueName: "pawl-order-charge", VisibilityTimeout: 60 });
  });
});
