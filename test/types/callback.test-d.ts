import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { node, signal } from "../../lib/index.ts";
import { type HandedOut, implement } from "../../lib/node/index.ts";

const N = z.object({ n: z.number() });
const decision = signal("decision", { data: z.object({ approved: z.boolean(), comment: z.string().optional() }) });
const verdict = signal("verdict", { data: z.enum(["yes", "no"]) });
const other = signal("other", { data: z.boolean() });

test("a handler hands out callbacks for the signals that its node declares, with answers that fit them", () => {
  implement(node("ask", { input: N, callbacks: [decision, verdict] }), async (_, step) => {
    const handedOut = await step.callback(decision, {
      for: "legal",
      answers: { Approve: { approved: true }, Reject: { approved: false, comment: "no" }, Any: {} },
      expires: "3 days",
    });
    expectTypeOf(handedOut).toEqualTypeOf<HandedOut>();
    await step.callback(verdict, { for: "legal", answers: { Yes: "yes" } });
    // @ts-expect-error "perhaps" is no verdict
    await step.callback(verdict, { for: "legal", answers: { Perhaps: "perhaps" } });
    // @ts-expect-error `approved` is no text
    await step.callback(decision, { for: "legal", answers: { Approve: { approved: "yes" } } });
    // @ts-expect-error the node does not declare it
    await step.callback(other, { for: "legal" });
    // @ts-expect-error for whom?
    await step.callback(decision, {});
    return null;
  });
});

test("a handler whose node declares none hands out none", () => {
  implement(node("plain", { input: N }), async (_, step) => {
    // @ts-expect-error the node declares no callbacks
    await step.callback(decision, { for: "legal" });
    return null;
  });
});
