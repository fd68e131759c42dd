/** Messages of a trigger that come at a bad moment: each is delivered by hand, so every order of them can be had. */
import { expect, it } from "vitest";
import { z } from "zod";
import { eventMark, markedId } from "../../lib/contract/ids.ts";
import { event, node, workflow } from "../../lib/index.ts";
import { ByHand } from "../support/by-hand.ts";
import { failure } from "../support/simulation.ts";

const Placed = z.object({ order: z.string() });
const placed = event("shop", "Placed", { version: 1, data: Placed });
const work = node("work", { input: z.string(), output: z.string(), retry: { maxAttempts: 1 } });
const { program } = workflow("keyed", {
  input: Placed,
  on: placed.by((e) => e.data.order, { whenRunning: "queue" }),
}).task(work, { input: (s) => s.input.order });

it("a key is not freed by the end of an execution that has been redriven since", async () => {
  const hand = new ByHand();
  await hand.engine.add(program);
  const name = (id: string) => ({ workflow: "keyed", id: markedId("7", eventMark(id)) });
  const put = (id: string) =>
    hand.receive({
      queue: "keyed",
      envelope: {
        ...{ kind: "event", v: 1, workflow: "keyed" },
        event: { id, source: "shop", type: "Placed", version: 1, time: "2026-01-01T00:00:00Z", data: { order: "7" } },
      },
    });
  hand.answer = () => failure("handler_failed", false);
  expect(await put("one")).toEqual({ kind: "acknowledge" });
  await put("two");
  await hand.receive(hand.take("step"));
  await hand.receive(hand.take("stop"));
  expect(await hand.status(name("one"))).toBe("failed");
  const late = hand.take("freed");
  await hand.ask(name("one"), { kind: "redrive" });
  expect(await hand.status(name("one"))).toBe("running");
  expect(await hand.receive(late)).toEqual({ kind: "acknowledge" });
  expect(await hand.status(name("two"))).toBeUndefined();
  hand.answer = ({ input }) => ({ kind: "output", output: input });
  await hand.deliverAll();
  expect([await hand.status(name("one")), await hand.status(name("two"))]).toEqual(["succeeded", "succeeded"]);
});
