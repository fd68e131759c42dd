/**
 * Asks a model for its next turn: the one that AGENT_MODEL_URL, AGENT_MODEL and AGENT_MODEL_KEY name, or else, so that the
 * example needs no network and no key, one that plays what was rehearsed.
 */
import { implement } from "pawl/node";
import { chatCompletions } from "./chat-completions.ts";
import { think } from "./contracts.ts";
import type { Model } from "./model.ts";
import rehearsed from "./rehearsed.json" with { type: "json" };
import { rehearsedModel, Script } from "./rehearsed-model.ts";

export const thinkWith = (model: Model) => implement(think, (messages, step) => model.next(messages, step));

const { AGENT_MODEL_URL: url, AGENT_MODEL: model = "", AGENT_MODEL_KEY: key } = process.env;
export const handler = thinkWith(url ? chatCompletions({ url, model, key }) : rehearsedModel(Script.parse(rehearsed)));
