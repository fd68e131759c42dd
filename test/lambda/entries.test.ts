/** What a function finds wrong before its first message: its container does not start. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { controlHandler, nodeHandler, workflowIn } from "../../lib/lambda/index.ts";
import { implement } from "../../lib/node/index.ts";

const contract = { input: z.string(), output: z.string() };
const charge = node("charge", contract);
const pack = node("pack", { ...contract, inline: true });
const other = node("other", contract);
const order = workflowIn({ order: workflow("order", { input: z.string() }).task(charge).task(pack) });
const handlers = { charge: implement(charge, (text) => text), pack: implement(pack, (text) => text) };
const where = {
  environment: {
    ...{ platform: "shop", queues: "http://127.0.0.1:1/0/", bucket: "b", schedulerRole: "r", queueArns: "a:" },
    clockMarginMs: 0,
    payloadLimitMiB: 32,
  },
};
const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("a node's function", () => {
  it("starts with its handler, and those of inline nodes", () => {
    expect(nodeHandler({ workflow: order, node: "charge", handlers }, where)).toBeTypeOf("function");
  });
  it("needs the environment of a deployment", () => {
    expect(() => nodeHandler({ workflow: order, node: "charge", handlers })).toThrow(refused("usage", /PAWL_PLATFORM/));
  });
  it("needs a node of the workflow", () => {
    const of = { workflow: order, node: "other", handlers: { other: implement(other, (text) => text) } };
    expect(() => nodeHandler(of, where)).toThrow(refused("handlers_mismatch", /'other' lacks its node/));
  });
  it("needs its own handler", () => {
    const of = { workflow: order, node: "charge", handlers: { pack: handlers.pack } };
    expect(() => nodeHandler(of, where)).toThrow(refused("handlers_mismatch", /'charge' lacks its handler/));
  });
  it.each([
    ["of another node", handlers.pack],
    ["that is none", (() => {}) as never],
  ])("refuses a handler %s", (_, charge) => {
    const of = { workflow: order, node: "charge", handlers: { charge } };
    expect(() => nodeHandler(of, where)).toThrow(refused("invalid_handler", /is not implement\(charge, …\)/));
  });
});

describe("a control function", () => {
  it("starts with the handlers of inline nodes", () => {
    expect(controlHandler({ workflow: order, handlers: { pack: handlers.pack } }, where)).toBeTypeOf("function");
  });
  it("refuses a handler of no node of the workflow", () => {
    const of = { workflow: order, handlers: { other: implement(other, (text) => text) } };
    expect(() => controlHandler(of, where)).toThrow(refused("handlers_mismatch", /'order' has no node 'other'/));
  });
});
