/**
 * Programs as users write them: an order, a purchase that is sent back, a race, tolerated failures, an agent's tool loop, a
 * sub-workflow, a node used twice, a catch that rejoins.
 */

import { contract, node, signal, workflow } from "pawl";
import { z } from "zod";

const Line = z.object({ sku: z.string(), qty: z.number() });
export const Order = z.object({
  orderId: z.string(),
  totalCents: z.number(),
  card: z.string(),
  address: z.string(),
  lines: z.array(Line),
});
const Reservation = z.object({ reservationId: z.string() });
const Receipt = z.object({ chargeId: z.string() });
export const reserve = node("reserve", { input: Order, output: Reservation });
const release = node("release", { input: Reservation.nullable() });
const charge = node("charge", {
  input: z.object({ cents: z.number(), card: z.string() }),
  output: Receipt,
  errors: ["CardDeclined"],
});
export const refund = node("refund", { input: Receipt.nullable() });
const screen = node("screen", { input: Order, output: z.object({ score: z.number() }) });
export const packLine = node("packLine", { input: Line, output: z.object({ parcelId: z.string() }) });
export const ship = node("ship", {
  input: z.object({ to: z.string(), parcels: z.array(z.object({ parcelId: z.string() })), receipt: Receipt }),
  output: z.object({ tracking: z.string() }),
});
const decision = signal("decision", { data: z.object({ approved: z.boolean() }) });
// order
export const order = workflow("order", { input: Order })
  .task(reserve, { undo: release })
  .parallel("pay", {
    charge: (b) => b.task(charge, { input: (s) => ({ cents: s.input.totalCents, card: s.input.card }), undo: refund }),
    screen: (b) => b.task(screen, { input: (s) => s.input }),
  })
  .choice("risk", (s) => (s.pay.screen.score >= 80 ? "review" : "clear"), {
    review: (b) =>
      b.waitFor(decision, { timeout: "2 days" }).choice("answer", (s) => (s.decision.approved ? "go" : "stop"), {
        go: (b2) => b2,
        stop: (b2) => b2.fail("Rejected", (s) => `order ${s.input.orderId} was rejected`),
      }),
    clear: (b) => b,
  })
  .map("pack", { over: (s) => s.input.lines, each: (b) => b.task(packLine), concurrency: 20 })
  .task(ship, { input: (s) => ({ to: s.input.address, parcels: s.pack, receipt: s.pay.charge }) })
  .output((s) => ({ tracking: s.ship.tracking, reviewed: s.risk.branch === "review" }));
// purchase with send-back loop
const Request = z.object({ id: z.string(), cents: z.number(), text: z.string() });
const verdict = signal("verdict", {
  data: z.object({ kind: z.enum(["approve", "reject", "sendBack"]), note: z.string() }),
});
const revision = signal("revision", { data: Request });
const St = z.object({ request: Request, verdict: z.enum(["open", "approve", "reject", "sendBack"]) });
type St = z.infer<typeof St>;
export const purchase = workflow("purchase", { input: Request })
  .loop("approval", {
    from: (s): St => ({ request: s.input, verdict: "open" }),
    each: (b) =>
      b
        .waitFor(verdict, { timeout: "7 days" })
        .choice("route", (s) => s.verdict.kind, {
          approve: (x) => x.set("a", (s): St => ({ ...s.round.state, verdict: "approve" })),
          reject: (x) => x.fail("Rejected", (s) => s.verdict.note),
          sendBack: (x) =>
            x.waitFor(revision, { timeout: "14 days" }).set("r", (s): St => ({ request: s.revision, verdict: "open" })),
        })
        .set("next", (s) => s.route.output),
    until: (st) => st.verdict === "approve",
    max: 20,
  })
  .output((s) => ({ approved: s.approval.request.cents }));
// race
export const raced = workflow("raced", { input: Request })
  .race("first", {
    answered: (b) => b.waitFor(verdict, { timeout: "7 days" }),
    late: (b) => b.wait("w", { for: "2 days" }),
  })
  .choice("which", (s) => s.first.branch, { answered: (b) => b, late: (b) => b.fail("Late", () => "too late") })
  .output((s) => (s.first.branch === "answered" ? s.first.output.note : "late"));
// tolerated
const notify = node("notify", { input: Line, output: z.object({ ok: z.boolean() }) });
export const fan = workflow("fan", { input: Order })
  .map("sent", { over: (s) => s.input.lines, each: (b) => b.task(notify), tolerate: { share: 0.1 } })
  .output((s) => s.sent.filter((r) => !r.ok).length);
// agent
const Call = z.discriminatedUnion("tool", [
  z.object({ tool: z.literal("search"), id: z.string(), q: z.string() }),
  z.object({ tool: z.literal("sum"), id: z.string(), xs: z.array(z.number()) }),
]);
const Msg = z.object({ role: z.enum(["user", "assistant", "tool"]), text: z.string() });
const think = node("think", { input: z.array(Msg), output: z.object({ text: z.string(), calls: z.array(Call) }) });
const search = node("search", { input: z.object({ q: z.string() }), output: z.object({ text: z.string() }) });
const sum = node("sum", { input: z.object({ xs: z.array(z.number()) }), output: z.object({ text: z.string() }) });
type Chat = { messages: z.infer<typeof Msg>[]; done: boolean };
export const agent = workflow("agent", { input: z.object({ prompt: z.string() }) })
  .loop("chat", {
    from: (s): Chat => ({ messages: [{ role: "user", text: s.input.prompt }], done: false }),
    max: 50,
    until: (st) => st.done,
    each: (b) =>
      b
        .task(think, { input: (s) => s.round.state.messages })
        .map("tools", {
          over: (s) => s.think.calls,
          each: (m) =>
            m.match("tool", "tool", (s) => s.item, {
              search: (x) => x.task(search),
              sum: (x) => x.task(sum),
            }),
        })
        .set(
          "next",
          (s): Chat => ({
            done: s.think.calls.length === 0,
            messages: [
              ...s.round.state.messages,
              { role: "assistant", text: s.think.text },
              ...s.tools.map((t) => ({ role: "tool" as const, text: t.output.text })),
            ],
          }),
        ),
  })
  .output((s) => s.chat.messages.at(-1)?.text);
// sub
export const parent = workflow("parent", { input: Order })
  .call(contract("order", { input: Order, output: z.object({ tracking: z.string() }) }), { input: (s) => s.input })
  .output((s) => s.order.tracking);
// twice
export const twice = workflow("t", { input: Order })
  .task(reserve)
  .task(reserve.as("again"), { input: (s) => s.input })
  .output((s) => s.again.reservationId + s.reserve.reservationId);
// try / catch / rejoin
const invoice = node("invoice", {
  input: z.object({ cents: z.number() }),
  output: z.object({ invoiceId: z.string() }),
});
export const caught = workflow("c", { input: Order })
  .block("payment", (b) => b.task(charge, { input: (s) => ({ cents: s.input.totalCents, card: s.input.card }) }), {
    catch: { CardDeclined: (b) => b.task(invoice, { input: (s) => ({ cents: s.input.totalCents }) }) },
  })
  .output((s) => (s.payment.branch === "done" ? s.payment.output.chargeId : s.payment.output.invoiceId));
