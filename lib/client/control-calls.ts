/** The calls that ask something of an execution: to each client they are one. */
import type { Controlled } from "../engine/ask.ts";
import type { ControlRequest } from "../engine/requests.ts";
import type { Client } from "./types.ts";
import { nameOf } from "./wait.ts";

export type ControlCalls = Pick<Client, ControlRequest["kind"]>;
type Ask = (name: { readonly workflow: string; readonly id: string }, request: ControlRequest) => Promise<Controlled>;

export const controlCalls = (ask: Ask): ControlCalls => ({
  pause: (workflow, id) => ask({ workflow: nameOf(workflow), id }, { kind: "pause" }),
  resume: (workflow, id) => ask({ workflow: nameOf(workflow), id }, { kind: "resume" }),
  cancel: (workflow, id, { reason } = {}) => ask({ workflow: nameOf(workflow), id }, { kind: "cancel", reason }),
  redrive: (workflow, id, { from, input } = {}) =>
    ask({ workflow: nameOf(workflow), id }, { kind: "redrive", from, input }),
  heal: (workflow, id) => ask({ workflow: nameOf(workflow), id }, { kind: "heal" }),
});
