/** The calls that ask something of executions: to each client they are one. */
import { randomUUID } from "node:crypto";
import type { Controlled } from "../engine/ask.ts";
import { controlMany } from "../engine/control-many.ts";
import type { SingleRequest } from "../engine/requests.ts";
import { PawlError } from "../errors.ts";
import type { Json } from "../model/json.ts";
import type { Client } from "./types.ts";
import { nameOf } from "./wait.ts";

export type ControlCalls = Pick<Client, SingleRequest["kind"] | "controlMany">;
type Ask = (name: { readonly workflow: string; readonly id: string }, request: SingleRequest) => Promise<Controlled>;

export const controlCalls = (ask: Ask, list: Client["list"]): ControlCalls => ({
  pause: (workflow, id) => ask({ workflow: nameOf(workflow), id }, { kind: "pause" }),
  resume: (workflow, id) => ask({ workflow: nameOf(workflow), id }, { kind: "resume" }),
  cancel: (workflow, id, { reason, undo } = {}) =>
    ask({ workflow: nameOf(workflow), id }, { kind: "cancel", reason, undo }),
  redrive: (workflow, id, { from, input } = {}) =>
    ask({ workflow: nameOf(workflow), id }, { kind: "redrive", from, input }),
  signal: (workflow, id, given, data, { id: signalId = randomUUID() } = {}) => {
    const signal = typeof given === "string" ? given : given.signal;
    // Whether it is JSON, and what the contract says, is looked at where it goes.
    return ask({ workflow: nameOf(workflow), id }, { kind: "signal", signal, data: data as Json, id: signalId });
  },
  heal: (workflow, id) => ask({ workflow: nameOf(workflow), id }, { kind: "heal" }),
  fork: (workflow, id, { from, input, id: forkId = randomUUID() }) =>
    ask({ workflow: nameOf(workflow), id }, { kind: "fork", from, id: forkId, input }),
  async controlMany(filter, request, options = {}) {
    const { concurrency = 10 } = options;
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 100)
      throw new PawlError("usage", `the concurrency is a whole number from 1 to 100, not ${concurrency}`);
    return controlMany({ list, ask }, request, { ...options, filter });
  },
});
