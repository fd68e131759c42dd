/** Writes the chat message about an issue, for the channel of its queue, in Slack's markup. */
import { implement } from "pawl/node";
import { notify } from "./contracts.ts";

const hourMs = 60 * 60 * 1000;
const signs = { urgent: "🔴", normal: "🟡", low: "⚪" };

export const handler = implement(notify, async (input) => {
  const dueAt = new Date(Date.parse(input.updatedAt) + input.dueHours * hourMs).toISOString();
  const title = escapeMarkup(input.title);
  const text = `${signs[input.priority]} <${input.url}|${input.reference}> ${title} (${input.priority}, due ${dueAt.slice(0, 16)}Z)`;
  return { channel: `#triage-${input.queue}`, text, dueAt };
});

/** Slack: these three characters and no others. */
function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
