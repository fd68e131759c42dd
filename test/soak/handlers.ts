/** Handlers and nothing else, as the process that runs them expects of a module. */
import { implement } from "../../lib/node/index.ts";
import { act, failFirst, failNowAndThen } from "./act.ts";
import * as nodes from "./workflows.ts";

export const queued = implement(nodes.queued, act);
export const inlined = implement(nodes.inlined, act);
export const repeated = implement(nodes.repeated, act);
export const repeatedInline = implement(nodes.repeatedInline, act);
export const flaky = implement(nodes.flaky, failFirst);
export const broken = implement(nodes.broken, failNowAndThen);
