/** The purchase with its own handlers: each request goes the way that its sample says, and who answers does so by callback. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestExecution, testStep, testWorkflow } from "pawl/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handler as ask } from "../../functions/purchase/ask.ts";
import { handler as askForRevision } from "../../functions/purchase/ask-for-revision.ts";
import { handler as checkPreconditions } from "../../functions/purchase/check-preconditions.ts";
import { financeVerdict, Request } from "../../functions/purchase/contracts.ts";
import { handler as place } from "../../functions/purchase/place.ts";
import { handler as releaseBudget } from "../../functions/purchase/release-budget.ts";
import { handler as remind } from "../../functions/purchase/remind.ts";
import { handler as reserveBudget } from "../../functions/purchase/reserve-budget.ts";
import { samples } from "../../functions/purchase/samples.ts";
import { purchase } from "../../functions/purchase/workflow.ts";
import { httpApi } from "../../lib/local/http-api.ts";
import { type EmbeddedEngine, openEngine } from "../../lib/local/open-engine.ts";
import { type HttpServer, serveHttpApi } from "../../lib/local/serve-http-api.ts";
import { runSample } from "./people.ts";

const handlers = { reserveBudget, releaseBudget, checkPreconditions, ask, remind, askForRevision, place };
const all = await samples();
const requestOf = (name: string) => Request.parse(all.find((sample) => sample.name === name)?.event.detail);

/** What the handlers of a node were given, in order. */
const inputsOf = ({ history }: TestExecution, node: string) =>
  history.flatMap((it) => (it.kind === "attempt" && it.node === node ? [it.input as Record<string, unknown>] : []));

describe("purchase", async () => {
  const t = await testWorkflow(purchase, { handlers });

  for (const sample of all) {
    it(`ends as expected: ${sample.name}`, async () => {
      const execution = await runSample(t, Request.parse(sample.event.detail), sample);
      const { status, error, undone } = execution;
      expect({ status, code: error?.code }).toEqual({ code: undefined, ...sample.expect });
      const isReserved = inputsOf(execution, "checkPreconditions").length > 0;
      expect(undone).toEqual(status === "failed" && isReserved ? ["reserveBudget"] : []);

      // Whoever gave a verdict was asked for it, and one more if nobody did.
      const verdicts = (sample.people ?? []).flatMap(({ signal }) => signal.match(/^(.*)Verdict$/)?.[1] ?? []);
      const asked = inputsOf(execution, "ask").map(({ department }) => department);
      expect(asked.slice(0, verdicts.length).toSorted()).toEqual(verdicts.toSorted());
      expect(asked).toHaveLength(verdicts.length + (sample.expect.code === "NoAnswer" ? 1 : 0));
    });
  }

  it("takes the revised request on to the departments that follow, and orders that", async () => {
    const sample = all.find(({ name }) => name === "sent back once by each");
    const execution = await runSample(t, requestOf("sent back once by each"), sample ?? {});
    expect(inputsOf(execution, "place")).toMatchObject([
      { offers: 4, contract: "contracts/labora-3.pdf", deliverTo: "Building D" },
    ]);
    expect(execution.logged.filter(({ message }) => message.startsWith("sent back"))).toMatchObject([
      { data: { department: "finance", note: "offers?" } },
      { data: { department: "legal", note: "draft?" } },
      { data: { department: "administration", note: "where?" } },
    ]);
  });

  it.each([
    ["ordinary", "2 days"],
    ["urgent", "4 hours"],
    ["drill", "1 second"],
  ] as const)(
    "reminds twice in a pace that is %s, each time after %s, and gives up after as long again",
    async (pace, pause) => {
      const begun = await t.begin({ ...requestOf("small tools skip legal"), pace });
      const reminders = async () => inputsOf(await t.show(begun), "remind").map((it) => it.reminders);
      const seen: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        await t.advance(pause);
        seen.push(await reminders());
      }
      expect(seen).toEqual([[1], [1, 2], [1, 2]]);
      expect(await t.show(begun)).toMatchObject({ status: "failed", error: { code: "NoAnswer" } });
    },
  );

  it("reminds by the address that was given first, and is quiet once there is an answer", async () => {
    const begun = await t.begin(requestOf("small tools skip legal"));
    await t.advance("3 days");
    const told = await t.signal(begun, financeVerdict, { kind: "approve" });
    const [asked] = told.steps.filter(({ node }) => node === "ask");
    expect(inputsOf(told, "remind")).toMatchObject([{ ...(asked?.output as object), reminders: 1 }]);
    expect(inputsOf(told, "ask").map(({ department }) => department)).toEqual(["finance", "administration"]);
    await t.advance("1 day"); // finance would be reminded again now
    expect(inputsOf(await t.show(begun), "remind")).toHaveLength(1);
    await t.advance("1 day");
    expect(inputsOf(await t.show(begun), "remind").map((it) => it.department)).toEqual(["finance", "administration"]);
  });

  it("is given up when nobody revises what was sent back", async () => {
    const begun = await t.begin(requestOf("small tools skip legal"));
    await t.signal(begun, financeVerdict, { kind: "sendBack", note: "why?" });
    await t.advance("13 days");
    expect((await t.show(begun)).status).toBe("running");
    expect(await t.end(begun)).toMatchObject({ error: { code: "timeout" }, undone: ["reserveBudget"] });
  });

  it("gives the budget back when it is cancelled", async () => {
    const begun = await t.begin(requestOf("small tools skip legal"));
    await t.control(begun, { kind: "cancel" });
    expect(await t.end(begun)).toMatchObject({ status: "cancelled", undone: ["reserveBudget"] });
  });
});

describe("the samples of purchase", () => {
  it("meet every end there is", () => {
    const ends = all.map(({ expect: e }) => e.code ?? e.status);
    expect([...new Set(ends)].sort()).toEqual([
      ...["BudgetExceeded", "NoAnswer", "PreconditionsUnmet", "Rejected", "SentBackTooOften", "UnknownCostCentre"],
      "succeeded",
    ]);
    expect(all.length).toBeGreaterThanOrEqual(30);
  });
});

describe("checkPreconditions", () => {
  const request = requestOf("a centrifuge: all three approve");
  it.each([
    ["finance", { justification: "x".repeat(20) }, { justification: "x".repeat(19) }],
    ["finance", { cents: 99_999, offers: 0 }, { cents: 100_000, offers: 2 }],
    ["legal", { contract: "a" }, { contract: "" }],
    ["legal", { sharesPersonalData: true, dataAgreement: "a" }, { sharesPersonalData: true }],
    ["administration", { supplier: "Papier Reuter" }, { supplier: "Papier Reuther" }],
    ["administration", { deliverTo: "a" }, { deliverTo: "" }],
  ] as const)("of %s lets %j through, and not %j", async (department, good, bad) => {
    const checked = (change: object) =>
      checkPreconditions.run({ department, request: { ...request, ...change } }, testStep());
    expect(await checked(good)).toBeNull();
    await expect(checked(bad)).rejects.toMatchObject({ code: "PreconditionsUnmet", data: { department } });
  });
});

describe("people", () => {
  let folder: string;
  let engine: EmbeddedEngine;
  let server: HttpServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pawl-test-"));
    engine = await openEngine({ folder, workflows: [{ workflow: purchase, handlers }], onLog: () => {} });
    server = await serveHttpApi(httpApi(engine, { version: "1.2.3", folder }), { port: 0 });
    engine.callbacks.listensAt(server.url);
  });
  afterAll(async () => {
    await server.close();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The address that the last step at a path was given. */
  async function mailed(id: string, path: RegExp): Promise<string> {
    for (;;) {
      // It may be a moment until the execution is there.
      const { steps } = await engine.show({ workflow: "purchase", id }).catch(() => ({ steps: [] }));
      const asked = steps.findLast((step) => path.test(step.path) && step.status === "succeeded");
      if (asked) return (asked.output as { url: string }).url;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  const press = (url: string, form: Record<string, string>) =>
    fetch(url, { method: "POST", body: new URLSearchParams(form) });

  it("answer at the address that they were mailed, by the buttons of its page or as a program does", async () => {
    const id = "pr-9001";
    await engine.start("purchase", { id, input: { ...requestOf("small tools skip legal"), requestId: id } });
    const finance = await mailed(id, /^way\/1\/.*rounds\/1\/ask$/);
    expect(await (await fetch(finance)).text()).toContain("Send back");
    expect((await press(finance, { answer: "Send back", "text.note": "which blades?" })).status).toBe(200);
    expect((await press(finance, { answer: "Approve" })).status).toBe(409);

    const mail = await mailed(id, /askForRevision$/);
    const revise = (body: object) =>
      fetch(mail, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    expect((await revise({ offers: -1 })).status).toBe(422);
    expect((await revise({ justification: "Blades for the band saw, which is old." })).status).toBe(200);

    expect((await press(await mailed(id, /rounds\/2\/ask$/), { answer: "Approve" })).status).toBe(200);
    expect((await press(await mailed(id, /^way\/2\/.*\/ask$/), { answer: "Approve" })).status).toBe(200);
    const ended = await engine.result({ workflow: "purchase", id }, { timeoutMs: 30_000 });
    expect(ended).toMatchObject({ status: "succeeded", output: { reservationId: `b-${id}` } });
    const { steps } = await engine.show({ workflow: "purchase", id });
    const sentBack = steps.find(({ path }) => path.endsWith("first/answer/of/finance/financeVerdict"));
    expect(sentBack?.output).toEqual({ kind: "sendBack", note: "which blades?" });
  });

  it("answer in vain with what is not among the answers, or once it was cancelled", async () => {
    const id = "pr-9002";
    await engine.start("purchase", { id, input: { ...requestOf("small tools skip legal"), requestId: id } });
    const finance = await mailed(id, /\/ask$/);
    expect((await press(finance, { answer: "Buy two" })).status).toBe(422);
    await engine.ask({ workflow: "purchase", id }, { kind: "cancel" });
    await engine.result({ workflow: "purchase", id }, { timeoutMs: 30_000 });
    expect((await press(finance, { answer: "Approve" })).status).toBe(410);
  });
});
