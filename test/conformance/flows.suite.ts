/** What every engine promises of signals and calls, over two workflows and, where it lasts, over two processes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ExecutionName } from "../../lib/contract/ids.ts";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { contract, signal, workflow } from "../../lib/index.ts";
import type { Header } from "../../lib/kernel/record.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Program } from "../../lib/model/program.ts";

const text = z.string();
const decision = signal("decision", { data: text });
const review = contract("review", { input: text, output: text });
const reviewing = workflow("review", { input: text })
  .waitFor(decision, { timeout: "2 hours" })
  .set("said", (s) => `${s.input}: ${s.decision}`);
const ordering = workflow("order", { input: text })
  .wait("cool", { for: "1 hour" })
  .call(review, { input: (s) => s.input })
  .set("done", (s) => `${s.review}!`);
const leaving = workflow("leave", { input: text }).call(review, { input: (s) => s.input, detached: true });

/** The workflows that the subject is to have. */
export const flowPrograms: readonly Program[] = [ordering.program, reviewing.program, leaving.program];

export interface FlowsSubject {
  start(workflow: string, input: Json): Promise<ExecutionName>;
  control(name: ExecutionName, request: ControlRequest): Promise<void>;
  /** Time, with all that falls into it. */
  pass(ms: number): Promise<void>;
  /** Newest first. */
  executions(workflow: string): Promise<readonly Header[]>;
  output(name: ExecutionName): Promise<Json>;
  /** Another process takes over; or why none does. */
  readonly reopen: (() => Promise<FlowsSubject>) | string;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const tell = (data: string): ControlRequest => ({ kind: "signal", signal: "decision", data, id: data });

export function flowsSuite(adapter: string, make: () => Promise<FlowsSubject>): void {
  describe(`signals and calls: ${adapter}`, () => {
    let subject: FlowsSubject;
    beforeEach(async () => {
      subject = await make();
    });
    afterEach(() => subject.close());
    const only = async (name: string): Promise<Header> => {
      const [header, ...more] = await subject.executions(name);
      if (!header || more.length > 0) throw new Error(`${more.length} more than one execution of ${name}`);
      return header;
    };
    const passOn = async () => {
      if (typeof subject.reopen !== "string") subject = await subject.reopen();
    };

    it("a call waits for an execution that waits for a signal, also in another process", async () => {
      const order = await subject.start("order", "desk");
      await passOn();
      await subject.pass(HOUR_MS);
      expect(await only("review")).toMatchObject({ status: "running", parent: { workflow: "order", path: "review" } });
      await passOn();
      await subject.control(await only("review"), tell("yes"));
      await subject.control(await only("review"), tell("no")).catch(() => {}); // it has ended
      await subject.pass(0);
      expect((await only("order")).status).toBe("succeeded");
      expect(await subject.output(order)).toBe("desk: yes!");
    });

    it("a called execution whose signal does not come fails, and so does the call", async () => {
      await subject.start("order", "desk");
      await subject.pass(HOUR_MS);
      await passOn();
      await subject.pass(2 * HOUR_MS);
      expect((await only("review")).error).toMatchObject({ code: "timeout", path: "decision" });
      expect(await only("order")).toMatchObject({ status: "failed", error: { code: "timeout", path: "review" } });
    });

    it("a cancel takes the called execution along, and a redrive calls another", async () => {
      const order = await subject.start("order", "desk");
      await subject.pass(HOUR_MS);
      await subject.control(order, { kind: "cancel" });
      await subject.pass(60_000);
      expect((await only("review")).status).toBe("cancelled");
      expect((await only("order")).status).toBe("cancelled");
      await subject.control(order, { kind: "redrive" });
      await subject.pass(0);
      await passOn();
      const again = (await subject.executions("review")).find(({ status }) => status === "running");
      if (!again) throw new Error("nothing was called again");
      await subject.control(again, tell("yes"));
      await subject.pass(0);
      expect(await subject.output(order)).toBe("desk: yes!");
    });

    it("a call that nothing waits for outlives its caller", async () => {
      const left = await subject.start("leave", "desk");
      await subject.pass(0);
      expect((await only("leave")).status).toBe("succeeded");
      const called = await only("review");
      expect(await subject.output(left)).toEqual({ execution: `review/${called.id}` });
      await passOn();
      await subject.control(called, tell("yes"));
      await subject.pass(0);
      expect(await subject.output(called)).toBe("desk: yes");
    });
  });
}
