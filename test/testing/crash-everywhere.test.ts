import { node, PawlError, signal, workflow } from "pawl";
import { implement } from "pawl/node";
import { crashEverywhere } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const text = { input: z.string(), output: z.string() };
const reserve = node("reserve", { ...text, errors: ["Taken"] });
const ship = node("ship", text);
const order = workflow("order", { input: z.string() }).task(reserve).task(ship);
const shipping = implement(ship, (input) => `${input}, shipped`);

const errorOf = async (work: Promise<unknown>): Promise<PawlError> => {
  const error = await work.catch((e: unknown) => e);
  if (error instanceof PawlError) return error;
  throw new Error(`no PawlError: ${String(error)}`);
};

describe("crashEverywhere", () => {
  it("says how much it tried", async () => {
    const seen: number[] = [];
    const handlers = { reserve: implement(reserve, (input) => `${input} reserved`), ship: shipping };
    const onProgress = ({ runs, of }: { runs: number; of: number }) => void seen.push(runs, of);
    const report = await crashEverywhere(order, { handlers, input: "cup", onProgress });
    expect(report).toMatchObject({ messages: 3, runs: seen.length / 2 + 1 });
    expect(seen.at(-1)).toBe(seen.at(-2));
  });

  it("reports a handler that cannot be run twice, with the timeline of the run", async () => {
    const handlers = () => {
      let taken = false;
      return {
        reserve: implement(reserve, (input, step) => {
          if (taken) step.fail("Taken");
          taken = true;
          return `${input} reserved`;
        }),
        ship: shipping,
      };
    };
    const error = await errorOf(crashEverywhere(order, { handlers, input: "cup" }));
    expect(error.code).toBe("invariant_broken");
    expect(error.message).toContain("it ends with");
    expect(error.message).toMatch(/worker 2 +#\d+ +run reserve → output\n.*worker 2 .*the worker dies/);
    expect(error.message).toMatch(/worker 3 +#\d+ +run reserve → Taken: Taken/);
    expect(error.detail.plan).toMatchObject({ faults: [{ kind: "crash", when: "after" }] });
  });

  it("lets handlers answer differently where it is told that they do", async () => {
    let count = 0;
    const handlers = { reserve: implement(reserve, () => String(count++)), ship: shipping };
    const error = await errorOf(crashEverywhere(order, { handlers, input: "cup" }));
    expect(error.message).toContain("without any fault, a second time");
    await crashEverywhere(order, { handlers, input: "cup", deterministic: false });
  });

  it("tells what the execution waits for, however late it comes to that", async () => {
    const decision = signal("decision", { data: z.object({ approved: z.boolean() }) });
    const reviewed = workflow("reviewed", { input: z.string() })
      .task(reserve)
      .waitFor(decision, { timeout: "2 days" })
      .output((s) => s.decision.approved);
    const handlers = { reserve: implement(reserve, (input) => input) };
    const signals = [{ signal: "decision", data: { approved: true }, after: "1 hour" }] as const;
    await crashEverywhere(reviewed, { handlers, input: "cup", signals });
    const never = [{ signal: "descision", data: {} }];
    expect((await errorOf(crashEverywhere(reviewed, { handlers, input: "cup", signals: never }))).code).toBe(
      "unknown_signal",
    );
    const soon = [{ ...signals[0], after: "soon" as never }];
    expect((await errorOf(crashEverywhere(reviewed, { handlers, input: "cup", signals: soon }))).code).toBe("usage");
  });

  it("refuses an input that the workflow does not take", async () => {
    const handlers = { reserve: implement(reserve, (input) => input), ship: shipping };
    const error = await errorOf(crashEverywhere(order, { handlers, input: 1 as never }));
    expect(error.code).toBe("invalid_input");
  });
});
