/** `pawl … --target aws`, on the wire: what is printed, as JSON and for people, is what the embedded engine's command prints. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { handler as charge } from "../../functions/order/charge.ts";
import { decision, type Order } from "../../functions/order/contracts.ts";
import { handler as packLine } from "../../functions/order/pack-line.ts";
import { handler as refund } from "../../functions/order/refund.ts";
import { handler as release } from "../../functions/order/release.ts";
import { handler as reserve } from "../../functions/order/reserve.ts";
import { samples } from "../../functions/order/samples.ts";
import { handler as screen } from "../../functions/order/screen.ts";
import { handler as ship } from "../../functions/order/ship.ts";
import { order } from "../../functions/order/workflow.ts";
import { client } from "../../lib/client/index.ts";
import { parseEnvelope } from "../../lib/contract/envelope.ts";
import { openEngine } from "../../lib/local/index.ts";
import { pawl, pawlInside, repository } from "../cli/run-cli.ts";
import { takeMessages } from "../support/aws/bare-platform.ts";
import { runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const handlers = { charge, packLine, refund, release, reserve, screen, ship };
/** One that is shipped, one that is out of stock, one that a person rejects. */
const IDS = ["2026-1063", "2026-1184", "2026-1252"];

const rejected = IDS[2];
const verdict = { approved: false, by: "mira" };

/** With how the command line goes on after `pawl`. */
const CALLS: readonly (readonly [string, readonly string[]])[] = [
  ["list", ["list"]],
  ["list --json", ["list", "--json", "--limit", "2"]],
  ["list --status", ["list", "--workflow", "order", "--status", "failed"]],
  ...IDS.flatMap((id) => [
    [`show order/${id}`, ["show", `order/${id}`]] as const,
    [`show order/${id} --json`, ["show", `order/${id}`, "--json"]] as const,
  ]),
  ["show of what is not there", ["show", "order/none", "--json"]],
];

/** Times and durations differ, and with them the width of a column. */
const timeless = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+Z)?/g, "TIME")
    .replaceAll(/\b\d+(\.\d+)? m?s\b/g, "TOOK")
    .replaceAll(/"(usd|gigabyteSeconds|time|total)": [\d.e-]+/g, "$1")
    .replaceAll(/about \S+ USD|\S+ GB-s/g, "COST")
    .replaceAll(/--(data \S+|target aws --platform \w+)`/g, "PLACE`")
    .replaceAll(/ {2,}/g, "  ");

onStandIn("pawl with --target aws", (aws) => {
  let platform: TestPlatform;
  let folder: string;
  let orders: ReadonlyMap<string, Order>;
  const there = (...args: string[]) =>
    pawlInside([...args, "--target", "aws", "--platform", platform.environment.platform]);
  const here = (...args: string[]) => pawlInside([...args, "--data", folder]);

  beforeAll(async () => {
    const all = (await samples()).map(({ event }) => event.detail as Order);
    orders = new Map(all.map((one) => [one.orderId, one]));
    folder = mkdtempSync(join(tmpdir(), "pawl-test-"));
    const embedded = await openEngine({ folder, workflows: [{ workflow: order, handlers }], onLog: () => {} });
    for (const id of IDS) {
      await embedded.start("order", { id, input: orders.get(id) });
      const told = { kind: "signal", signal: decision.signal, data: verdict, id: "1" } as const;
      if (id === rejected) await embedded.ask({ workflow: "order", id }, told);
      await embedded.result({ workflow: "order", id });
    }
    await embedded.stop();
    platform = await TestPlatform.create(aws);
    await deployedOrders();
    return () => rmSync(folder, { recursive: true });
  });

  /** The same ones through the functions, which end after that: what is sent then stays in the queues. */
  async function deployedOrders(): Promise<void> {
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockReturnValue(true);
    const functions = await runFunctions(platform, { workflow: order, handlers });
    const pawl = client({ target: "aws", platform: platform.environment.platform });
    for (const id of IDS) {
      await pawl.start("order", { id, input: orders.get(id) });
      if (id === rejected) await pawl.signal(order, id, decision, verdict);
      await pawl.result("order", id);
    }
    await functions.stop();
    vi.restoreAllMocks();
  }

  it.each(CALLS)("prints as on this machine: pawl %s", async (_, args) => {
    const [deployed, embedded] = [await there(...args), await here(...args)];
    expect(timeless(deployed.stdout)).toBe(timeless(embedded.stdout));
    expect(deployed.stdout + deployed.stderr).toMatch(/order\//);
    expect(deployed).toMatchObject({ code: embedded.code, stderr: embedded.stderr });
  });

  it("draws what is deployed, as from the project's files", async () => {
    for (const args of [["order"], ["order", "--format", "json"]]) {
      const deployed = await there("graph", ...args);
      const drawn = await pawl(repository, ["graph", ...args]);
      expect(deployed).toMatchObject({ code: 0, stdout: drawn.stdout, stderr: "" });
    }
    expect(await there("graph", "--format", "json")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"edges"'),
    });
    expect(await there("graph", "crm")).toMatchObject({
      ...{ code: 2, stdout: "" },
      stderr: expect.stringMatching(/^error unknown_workflow: .*'crm'.*known: order\n/),
    });
  });

  it("lists dead letters, as of the workflows that are known or of one", async () => {
    const none = await there("dead-letters", "order");
    expect(none).toMatchObject({ code: 0, stdout: "no dead letters\n", stderr: "" });
    const letter = { workflow: "order", queue: "order", reason: "invalid_event: no total", sentAtMs: 1000, atMs: 2000 };
    await platform.ports().deadLetters.bury({ ...letter, messageId: "m1", body: '{"a":1}' });
    await platform
      .ports()
      .deadLetters.bury({ ...letter, messageId: "m2", body: "no JSON", sentAtMs: 1500, atMs: 3000 });
    const all = await there("dead-letters", "--json");
    const told = { queue: "order", reason: "invalid_event: no total", at: "1970-01-01T00:00:02.000Z", body: '{"a":1}' };
    expect(JSON.parse(all.stdout)).toStrictEqual({
      deadLetters: [{ ...told, at: "1970-01-01T00:00:03.000Z", body: "no JSON" }, told],
    });
    const one = await there("dead-letters", "--limit", "1");
    expect(one.stdout).toMatch(
      /^buried +queue +reason +message\n\S+ \S+ +order +invalid_event: no total +"no JSON"\n$/,
    );
  });

  describe("pawl start", () => {
    it("sends a start, and says the same of one that is there", async () => {
      const input = JSON.stringify(orders.get("2026-1063"));
      const begun = await there("start", "order", "--id", "new", "--input", input);
      expect(begun).toEqual({ code: 0, stdout: "order/new started\n", stderr: "", error: undefined });
      const [body = ""] = await takeMessages(platform, "order");
      expect(parseEnvelope(body)).toMatchObject({ kind: "start", id: "new", input: { orderId: "2026-1063" } });
      const known = await there("start", "order", "--id", "2026-1184", "--input", input, "--json");
      expect(JSON.parse(known.stdout)).toEqual({ execution: "order/2026-1184", started: false });
    });

    it("waits, with the exit code of the end", async () => {
      const wait = (id: string) => ["start", "order", "--id", id, "--wait", "--input", JSON.stringify(orders.get(id))];
      expect(await there(...wait("2026-1063"))).toMatchObject({
        ...{
          code: 0,
          stderr: "",
          stdout: expect.stringMatching(/^order\/2026-1063 succeeded had been started before\n/),
        },
      });
      const failed = await there(...wait("2026-1184"), "--json");
      expect(failed.code).toBe(1);
      expect(JSON.parse(failed.stdout)).toMatchObject({ status: "failed", error: { code: "OutOfStock" } });
    });

    it("refuses what the stored graph does, before anything is sent", async () => {
      const wrong = await there("start", "order", "--wait", "--json", "--input", "{}");
      expect(wrong).toMatchObject({ code: 2, stdout: "", error: { code: "invalid_input" } });
      const unknown = await there("start", "oder", "--json");
      const known = expect.stringContaining("known: order");
      expect(unknown).toMatchObject({ code: 2, error: { code: "unknown_workflow", message: known } });
      expect(await takeMessages(platform, "order")).toEqual([]);
    });

    it("gives up when its timeout does, with exit code 2 when nothing of it is there", async () => {
      const input = JSON.stringify(orders.get("2026-1063"));
      const never = await there(
        "start",
        "order",
        "--id",
        "never",
        "--wait",
        "--timeout",
        "100ms",
        "--json",
        "--input",
        input,
      );
      expect(never).toMatchObject({ code: 2, error: { code: "unknown_execution" } });
      await takeMessages(platform, "order");
    });
  });

  describe("pawl events send", () => {
    const placed = (id: string) => {
      const event = { id, source: "shop.orders", "detail-type": "OrderPlaced", detail: orders.get("2026-1184") };
      return ["events", "send", "--file", JSON.stringify(event)];
    };

    it("names the execution where the project is at hand", async () => {
      const sent = await there(...placed("a"), "--root", repository, "--wait", "--json");
      expect(JSON.parse(sent.stdout)).toMatchObject({
        events: [{ event: "a", executions: [{ execution: "order/2026-1184", started: false, status: "failed" }] }],
      });
      expect(sent.code).toBe(1);
      expect(await takeMessages(platform, "order")).toHaveLength(1);
    });

    it("says that it cannot name it where the project is not, and does not wait for what it does not know", async () => {
      const args = ["--root", folder];
      const sent = await there(...placed("b"), ...args);
      expect(sent).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^event b\norder: .*--root/) });
      const waiting = await there(...placed("c"), ...args, "--wait", "--json");
      expect(waiting).toMatchObject({ code: 2, error: { code: "usage", message: expect.stringContaining("--root") } });
      expect(JSON.parse(waiting.stdout)).toMatchObject({ events: [{ executions: [{ execution: "order" }] }] });
      expect(await takeMessages(platform, "order")).toHaveLength(2);
    });
  });

  it("ends by itself, and tells in one block which platform it looked for", async () => {
    const [list, nowhere] = await Promise.all([
      pawl(".", ["list", "--target", "aws", "--platform", platform.environment.platform, "--json"]),
      pawl(".", ["list", "--target", "aws", "--platform", "nowhere", "--region", "eu-north-1"]),
    ]);
    expect(list).toMatchObject({ code: 0, stderr: "", json: { executions: [{}, {}, {}] } });
    expect(nowhere).toMatchObject({ code: 2, stdout: "" });
    expect(nowhere.stderr).toMatch(
      /^error platform_unreachable: the platform 'nowhere' .* eu-north-1 is not reached: /,
    );
  });
});
