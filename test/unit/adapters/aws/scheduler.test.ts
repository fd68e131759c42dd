import { afterEach, describe, expect, it } from "vitest";
import { EventBridgeScheduler, scheduleName, schedulerClient } from "../../../../lib/adapters/aws/scheduler.ts";
import type { Envelope } from "../../../../lib/contract/envelope.ts";
import { type Answer, type AnsweringServer, answeringServer } from "../../../support/aws/answering-server.ts";
import { MemoryPayloads } from "../../../support/aws/memory-payloads.ts";

interface Request {
  readonly ScheduleExpression: string;
  readonly Target: { readonly Arn: string; readonly RoleArn: string; readonly Input: string };
}
const start = (text: string): Envelope => ({
  ...{ kind: "start", v: 1, workflow: "order", id: "1", trigger: { kind: "direct" }, input: { text } },
});
const DAY_MS = 24 * 60 * 60_000;
const atMs = Date.parse("2026-01-01T10:00:00Z");

describe("the scheduler on EventBridge Scheduler", () => {
  let server: AnsweringServer<Request>;
  let payloads: MemoryPayloads;
  afterEach(() => server.close());
  async function schedulerOn(answer: () => Answer = () => ({ body: { ScheduleArn: "arn" } })) {
    server = await answeringServer<Request>(answer);
    payloads = new MemoryPayloads();
    return new EventBridgeScheduler({
      client: schedulerClient(server.aws),
      group: "shop-delays",
      roleArn: "arn:role",
      queueArn: (queue) => `arn:${queue}`,
      payloads,
    });
  }

  it("makes a schedule that happens once, a minute early, and is gone", async () => {
    const scheduler = await schedulerOn();
    await scheduler.sendAt(atMs, { queue: "order", envelope: start("x") });
    expect(server.requests[0]).toMatchObject({
      ...{ GroupName: "shop-delays", ActionAfterCompletion: "DELETE", FlexibleTimeWindow: { Mode: "OFF" } },
      ...{ ScheduleExpression: "at(2026-01-01T09:59:00)", ScheduleExpressionTimezone: "UTC" },
      Target: { Arn: "arn:order", RoleArn: "arn:role", Input: JSON.stringify(start("x")) },
    });
  });
  it.each([
    [atMs - 999, "09:59:00"],
    [atMs, "09:59:00"],
    [atMs + 1, "09:59:01"],
  ])("rounds up, never down: %i", async (ms, second) => {
    const scheduler = await schedulerOn();
    await scheduler.sendAt(ms, { queue: "order", envelope: start("x") });
    expect(server.requests[0]?.ScheduleExpression).toBe(`at(2026-01-01T${second})`);
  });
  it("takes a schedule that is there already for the same one", async () => {
    const scheduler = await schedulerOn(() => ({
      status: 409,
      body: { __type: "ConflictException", Message: "it exists" },
    }));
    await scheduler.sendAt(atMs, { queue: "order", envelope: start("x") });
    expect(server.requests).toHaveLength(1);
  });
  it("says what is refused", async () => {
    const scheduler = await schedulerOn(() => ({
      status: 404,
      body: { __type: "ResourceNotFoundException", Message: "no such group" },
    }));
    await expect(scheduler.sendAt(atMs, { queue: "order", envelope: start("x") })).rejects.toMatchObject({
      code: "storage_failed",
      message: expect.stringMatching(/^the schedule group shop-delays is not there/),
    });
  });
  it("leaves nothing in a body that Scheduler would replace", async () => {
    const scheduler = await schedulerOn();
    const text = "<aws.scheduler.execution-id> <aws.scheduler.scheduled-time> < >";
    await scheduler.sendAt(atMs, { queue: "order", envelope: start(text) });
    const input = server.requests[0]?.Target.Input ?? "";
    expect(input).not.toMatch(/<aws/);
    expect(JSON.parse(input)).toEqual(start(text));
  });
  it("stores what is long until it is due, and as long as a queue keeps it then", async () => {
    const scheduler = await schedulerOn();
    const envelope = start("long ".repeat(100_000));
    await scheduler.sendAt(Date.now() + 20 * DAY_MS, { queue: "order", envelope });
    await scheduler.sendAt(Date.now() + 366 * DAY_MS, { queue: "order", envelope });
    expect([...payloads.stored.keys()].map((key) => key.split("/")[0])).toEqual(["month", "year"]);
  });

  describe("a schedule's name", () => {
    it("is the same for the same message, and fits", () => {
      expect(scheduleName("order", "{}")).toBe(scheduleName("order", "{}"));
      for (let i = 0; i < 1000; i++) expect(scheduleName("order", `{${i}}`)).toMatch(/^[0-9a-v]{1,52}$/);
    });
    it("differs by queue and by body", () => {
      const names = [scheduleName("order", "a"), scheduleName("order", "b"), scheduleName("orde", "ra")];
      expect(new Set(names).size).toBe(3);
    });
  });
});
