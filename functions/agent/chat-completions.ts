/**
 * Any model behind an API of the form of OpenAI's chat completions, which most servers of models speak. A tool that it
 * calls in a way that fits none is a call of `none`: the model is told and can mend it.
 */
import { z } from "zod";
import { AddUp, Call, Delivery, type Message, Search, type Turn } from "./contracts.ts";
import type { Model } from "./model.ts";

export interface Server {
  /** Up to `/chat/completions`: `http://127.0.0.1:11434/v1`. */
  readonly url: string;
  readonly model: string;
  readonly key?: string | undefined;
}

const SYSTEM =
  "You answer customers of a shop for kitchenware, briefly and in their language. " +
  "Prices and times come from the tools only: use several at once where none needs the result of another.";

const TOOLS = [
  ["search", Search, "Articles of the shop, with number and price"],
  ["addUp", AddUp, "The price of so many of some articles"],
  ["delivery", Delivery, "How long the delivery to a country takes, and its cost"],
] as const;
const tools = TOOLS.map(([name, schema, description]) => ({
  type: "function",
  function: { name, description, parameters: z.toJSONSchema(schema) },
}));

const Completion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          tool_calls: z
            .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
            .nullish(),
        }),
      }),
    )
    .min(1),
});

export function chatCompletions({ url, model, key }: Server): Model {
  return {
    async next(messages, { idempotencyKey, signal }): Promise<Turn> {
      const response = await fetch(`${url}/chat/completions`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
          ...(key && { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({
          model,
          tools,
          messages: [{ role: "system", content: SYSTEM }, ...messages.map(printMessage)],
        }),
        signal,
      });
      if (!response.ok)
        throw new Error(`the model answers ${response.status}: ${(await response.text()).slice(0, 500)}`);
      const message = Completion.parse(await response.json()).choices[0]?.message;
      return { text: message?.content ?? "", calls: (message?.tool_calls ?? []).map(parseCall) };
    },
  };
}

function printMessage(message: Message): object {
  switch (message.role) {
    case "user":
      return { role: "user", content: message.text };
    case "tool":
      return { role: "tool", tool_call_id: message.call, content: message.text };
    case "assistant": {
      const { text: content, calls } = message;
      return { role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls.map(printCall) }) };
    }
  }
}

function printCall({ id, tool, ...input }: Call): object {
  return { id, type: "function", function: { name: tool, arguments: JSON.stringify(input) } };
}

function parseCall({ id, function: called }: { id: string; function: { name: string; arguments: string } }): Call {
  try {
    const input = z.record(z.string(), z.unknown()).parse(JSON.parse(called.arguments));
    return Call.parse({ ...input, id, tool: called.name });
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return { id, tool: "none", text: `'${called.name}' cannot be called like this: ${why}` };
  }
}
