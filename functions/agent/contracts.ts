/** What the nodes of `agent` take and give: a conversation about the shop, its tools, and the event that begins it. */
import { event, node } from "pawl";
import { z } from "zod";

export const Question = z.object({
  questionId: z.string().regex(/^q-[0-9]{4}$/),
  text: z.string().min(1).max(2000),
});

/** What a tool takes: the model is shown this as a JSON Schema, with its descriptions. */
export const Search = z.object({ words: z.string().describe("what the article is called, or a part of it") });
export const AddUp = z.object({
  lines: z.array(z.object({ sku: z.string().describe("like MUG-001"), quantity: z.int().min(1) })).min(1),
});
export const Delivery = z.object({ country: z.string().length(2).describe("ISO 3166-1, two letters") });

const Id = z.object({ id: z.string().describe("the model's own, by which it knows the result") });
/** A tool that the model wants used. `none`: it asked for one that there is not, or not as it is used; `text` says why. */
export const Call = z.discriminatedUnion("tool", [
  Id.extend({ tool: z.literal("search"), ...Search.shape }),
  Id.extend({ tool: z.literal("addUp"), ...AddUp.shape }),
  Id.extend({ tool: z.literal("delivery"), ...Delivery.shape }),
  Id.extend({ tool: z.literal("none"), text: z.string() }),
]);
export type Call = z.infer<typeof Call>;

/** What the model says, and the tools it wants used before it goes on. None: the conversation is at its end. */
export const Turn = z.object({ text: z.string(), calls: z.array(Call) });
export type Turn = z.infer<typeof Turn>;

export const Message = z.discriminatedUnion("role", [
  z.object({ role: z.literal("user"), text: z.string() }),
  Turn.extend({ role: z.literal("assistant") }),
  z.object({ role: z.literal("tool"), call: z.string(), text: z.string() }),
]);
export type Message = z.infer<typeof Message>;

const Told = z.object({ text: z.string() });

export const think = node("think", {
  input: z.array(Message).min(1),
  output: Turn,
  timeout: "2 minutes",
  retry: { maxAttempts: 5, firstDelay: "2 seconds" },
});
export const searchCatalogue = node("searchCatalogue", { input: Search, output: Told, repeatable: true });
export const addUp = node("addUp", { input: AddUp, output: Told, errors: ["UnknownArticle"], repeatable: true });
export const lookUpDelivery = node("lookUpDelivery", { input: Delivery, output: Told, repeatable: true });

export const questionAsked = event("shop.desk", "QuestionAsked", { version: 1, data: Question });
