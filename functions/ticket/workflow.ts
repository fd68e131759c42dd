/** Triage of a GitHub issue: priority from labels and text, a plan by priority, then assignment and notification at once. */
import { workflow } from "pawl";
import { assign, classify, escalate, IssueWebhook, issueChanged, notify, type Plan } from "./contracts.ts";

/** What can change an issue's priority or place. */
const actions = ["opened", "reopened", "edited", "labeled", "unlabeled", "milestoned", "demilestoned", "transferred"];

export const ticket = workflow("ticket", { input: IssueWebhook, on: issueChanged })
  .choice(
    "relevance",
    (s) => (actions.includes(s.input.action) && s.input.issue.state !== "closed" ? "triage" : "skip"),
    {
      triage: (b) => b,
      skip: (b) =>
        b.succeed((s) => ({ triaged: false, reason: `${s.input.action}: ${s.input.issue.state ?? "open"} issue` })),
    },
  )
  .set("reference", (s) => `${s.input.repository.full_name}#${s.input.issue.number}`)
  .task(classify, {
    input: (s) => ({
      title: s.input.issue.title,
      body: s.input.issue.body ?? "",
      labels: (s.input.issue.labels ?? []).map((label) => label.name),
      comments: s.input.issue.comments,
      milestone: s.input.issue.milestone?.title ?? null,
    }),
  })
  .choice("priority", (s) => s.classify.priority, {
    urgent: (b) =>
      b.task(escalate, { input: (s) => ({ reference: s.reference, updatedAt: s.input.issue.updated_at }) }),
    normal: (b) => b.set("sprint", (): Plan => ({ queue: "sprint", dueHours: 120, owner: null })),
    low: (b) => b.set("backlog", (): Plan => ({ queue: "backlog", dueHours: 720, owner: null })),
  })
  .parallel("respond", {
    assign: (b) =>
      b.task(assign, {
        input: (s) => ({
          area: s.classify.area,
          owner: s.priority.output.owner,
          current: s.input.issue.assignees.map((user) => user.login),
        }),
      }),
    notify: (b) =>
      b.task(notify, {
        input: (s) => ({
          reference: s.reference,
          title: s.input.issue.title,
          url: s.input.issue.html_url,
          priority: s.classify.priority,
          queue: s.priority.output.queue,
          updatedAt: s.input.issue.updated_at,
          dueHours: s.priority.output.dueHours,
        }),
      }),
  })
  .output((s) => ({
    triaged: true,
    priority: s.classify.priority,
    queue: s.priority.output.queue,
    assignee: s.respond.assign.login,
    dueAt: s.respond.notify.dueAt,
  }));
