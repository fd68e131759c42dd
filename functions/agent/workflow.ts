/** A model answers a question about the shop with tools. Each turn is a step, and so is each tool that it uses in one. */
import { workflow } from "pawl";
import { addUp, lookUpDelivery, type Message, Question, questionAsked, searchCatalogue, think } from "./contracts.ts";

interface Chat {
  readonly messages: Message[];
  readonly isOver: boolean;
}

export const agent = workflow("agent", { input: Question, on: questionAsked.by((e) => e.data.questionId) })
  .loop("chat", {
    from: (s): Chat => ({ messages: [{ role: "user", text: s.input.text }], isOver: false }),
    each: (b) =>
      b
        .task(think, { input: (s) => s.round.state.messages })
        .map("tools", {
          over: (s) => s.think.calls,
          each: (one) =>
            one.match("tool", "tool", (s) => s.item, {
              search: (use) => use.task(searchCatalogue),
              addUp: (use) => use.task(addUp),
              delivery: (use) => use.task(lookUpDelivery),
              none: (use) => use,
            }),
          // A tool that fails is told to the model, which may know another way.
          tolerate: { share: 1 },
        })
        .set(
          "next",
          (s): Chat => ({
            messages: [
              ...s.round.state.messages,
              { role: "assistant", ...s.think },
              ...s.tools.map(
                (result, i): Message => ({
                  role: "tool",
                  call: s.think.calls[i]?.id ?? "",
                  text: result.ok ? result.output.output.text : `it failed: ${result.error.message}`,
                }),
              ),
            ],
            isOver: s.think.calls.length === 0,
          }),
        ),
    until: (chat) => chat.isOver,
    max: 8,
  })
  .output((s) => ({
    answer: s.chat.messages.at(-1)?.text ?? "",
    turns: s.chat.messages.filter(({ role }) => role === "assistant").length,
  }));
