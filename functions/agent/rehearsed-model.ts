/**
 * A model that plays what was written for it: the turns of its script one after another, and at the end the last one
 * again and again. `{id}` in a turn stands for what the tool gave that was called with this id.
 */
import { z } from "zod";
import { type Message, Turn } from "./contracts.ts";
import type { Model } from "./model.ts";

/** By question. */
export const Script = z.record(z.string(), z.array(Turn).min(1));
export type Script = z.infer<typeof Script>;

export function rehearsedModel(script: Script): Model {
  return {
    next: async (messages) => {
      const turns = script[messages[0]?.text ?? ""];
      const turn = turns?.[messages.filter(({ role }) => role === "assistant").length] ?? turns?.at(-1);
      if (!turn) return { text: "I have not rehearsed that.", calls: [] };
      return { ...turn, text: turn.text.replaceAll(/\{(\w+)\}/g, (_, id: string) => resultOf(id, messages)) };
    },
  };
}

const resultOf = (id: string, messages: readonly Message[]): string =>
  messages.findLast((message) => message.role === "tool" && message.call === id)?.text ?? "";
