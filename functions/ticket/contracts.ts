/** What `ticket` needs of a GitHub issue webhook (the payload has far more), and what its nodes take and give. */
import { event, node } from "pawl";
import { z } from "zod";

const User = z.object({ login: z.string() });

export const IssueWebhook = z.object({
  /** opened, edited, labeled …: GitHub adds new ones from time to time. */
  action: z.string(),
  issue: z.object({
    number: z.int(),
    title: z.string(),
    body: z.string().nullable(),
    html_url: z.string(),
    updated_at: z.iso.datetime(),
    comments: z.int(),
    user: User,
    assignees: z.array(User),
    /** Some payloads leave these three out. */
    state: z.enum(["open", "closed"]).optional(),
    labels: z.array(z.object({ name: z.string() })).optional(),
    milestone: z.object({ title: z.string() }).nullable().optional(),
  }),
  repository: z.object({ full_name: z.string() }),
  sender: User,
});

export const Area = z.enum(["docs", "build", "code"]);
export const Priority = z.enum(["urgent", "normal", "low"]);

export const Assessment = z.object({
  priority: Priority,
  score: z.int(),
  area: Area,
  reasons: z.array(z.string()),
});

/** Where a ticket waits, and for how long at most. */
export const Plan = z.object({
  queue: z.enum(["incident", "sprint", "backlog"]),
  dueHours: z.int(),
  /** Who must take it, whoever has it now; null: anyone of the team. */
  owner: z.string().nullable(),
});
export type Plan = z.infer<typeof Plan>;

export const classify = node("classify", {
  input: z.object({
    title: z.string(),
    body: z.string(),
    labels: z.array(z.string()),
    comments: z.int(),
    milestone: z.string().nullable(),
  }),
  output: Assessment,
  repeatable: true,
});
export const escalate = node("escalate", {
  input: z.object({ reference: z.string(), updatedAt: z.iso.datetime() }),
  output: Plan,
});
export const assign = node("assign", {
  input: z.object({ area: Area, owner: z.string().nullable(), current: z.array(z.string()) }),
  output: z.object({ login: z.string(), because: z.enum(["onCall", "alreadyAssigned", "leastLoaded"]) }),
  repeatable: true,
});
export const notify = node("notify", {
  input: z.object({
    reference: z.string(),
    title: z.string(),
    url: z.string(),
    priority: Priority,
    queue: Plan.shape.queue,
    updatedAt: z.iso.datetime(),
    dueHours: z.int(),
  }),
  output: z.object({ channel: z.string(), text: z.string(), dueAt: z.iso.datetime() }),
});

/** The names that EventBridge gives GitHub's webhooks (its "inbound webhooks" template for GitHub). */
export const issueChanged = event("github.com", "issues", { version: 1, data: IssueWebhook });
