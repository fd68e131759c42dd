import { testStep } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { handler as assign } from "../../functions/ticket/assign.ts";
import { handler as classify } from "../../functions/ticket/classify.ts";
import { handler as escalate } from "../../functions/ticket/escalate.ts";
import { handler as notify } from "../../functions/ticket/notify.ts";

describe("classify", () => {
  const anIssue = { title: "Question about totals", body: "", labels: [] as string[], comments: 0, milestone: null };

  it.each([
    ["nothing known", {}, "low", 0],
    ["a feature for a release: 20 and normal", { labels: ["enhancement"], milestone: "v2" }, "normal", 20],
    ["a feature without one: 10 and low", { labels: ["enhancement"] }, "low", 10],
    ["a bug that crashes: 70 and urgent", { title: "Crash on start", labels: ["bug"] }, "urgent", 70],
    ["a crash for a release, not yet a bug: 50", { title: "Crash on start", milestone: "v2" }, "normal", 50],
    ["a regression that is broken: 60", { title: "Totals are broken", labels: ["regression"] }, "normal", 60],
    [
      "the same with a milestone: 70",
      { title: "Totals are broken", labels: ["regression"], milestone: "v2" },
      "urgent",
      70,
    ],
    ["a vulnerability by its number", { body: "See CVE-2024-12345." }, "urgent", 70],
    ["labels in any case", { labels: ["Security"] }, "urgent", 70],
    ["a spelling bug", { title: "Spelling error in the README file", labels: ["bug"] }, "low", 10],
    ["what will not be fixed", { title: "Crash", labels: ["bug", "wontfix"] }, "low", -30],
    ["nine comments", { comments: 9 }, "low", 0],
    ["ten comments", { comments: 10 }, "low", 10],
    ["a word that only contains another", { title: "Crashlytics brokenness" }, "low", 0],
  ])("rates %s", async (_, change, priority, score) => {
    expect(await classify.run({ ...anIssue, ...change }, testStep())).toMatchObject({ priority, score });
  });

  it.each([
    ["docs", { title: "Update the README" }],
    ["docs", { title: "Update it", labels: ["documentation"] }],
    ["build", { title: "Update package.json" }],
    ["code", { title: "Totals are wrong" }],
  ])("sees the area %s in %j", async (area, change) => {
    expect(await classify.run({ ...anIssue, ...change }, testStep())).toMatchObject({ area });
  });

  it("gives its reasons", async () => {
    const issue = { ...anIssue, title: "Typo makes it crash", labels: ["bug", "unknown"], milestone: "v1.0" };
    expect((await classify.run(issue, testStep())).reasons).toEqual([
      "label bug",
      'says "crash"',
      'says "Typo"',
      "milestone v1.0",
    ]);
  });
});

describe("escalate", () => {
  it.each([
    ["the last second of a Saturday", "2019-05-18T23:59:59Z", "linus"],
    ["the first second of a Sunday", "2019-05-19T00:00:00Z", "grace"],
    ["a Wednesday", "2019-05-15T15:20:18Z", "linus"],
  ])("calls whoever is on call on %s", async (_, updatedAt, owner) => {
    const plan = await escalate.run({ reference: "octo-org/octo-repo#1", updatedAt }, testStep());
    expect(plan).toEqual({ queue: "incident", dueHours: 4, owner });
  });
});

describe("assign", () => {
  it.each([
    ["the plan's owner, whoever has it", { area: "docs", owner: "ada", current: ["grace"] }, "ada", "onCall"],
    [
      "whoever has it",
      { area: "docs", owner: null, current: ["Codertocat", "grace"] },
      "Codertocat",
      "alreadyAssigned",
    ],
    ["the least loaded", { area: "docs", owner: null, current: [] }, "margaret", "leastLoaded"],
    ["the first by name of several", { area: "code", owner: null, current: [] }, "bjarne", "leastLoaded"],
    ["only one who knows the area", { area: "build", owner: null, current: [] }, "grace", "leastLoaded"],
  ] as const)("chooses %s", async (_, input, login, because) => {
    expect(await assign.run({ ...input, current: [...input.current] }, testStep())).toEqual({ login, because });
  });
});

describe("notify", () => {
  const notice = {
    reference: "octo-org/octo-repo#7",
    title: "Totals",
    url: "https://github.com/octo-org/octo-repo/issues/7",
    priority: "urgent",
    queue: "incident",
    updatedAt: "2024-02-28T23:30:00Z",
    dueHours: 4,
  } as const;

  it("names the issue, its link, its priority and when it is due", async () => {
    expect(await notify.run(notice, testStep())).toEqual({
      channel: "#triage-incident",
      text: "🔴 <https://github.com/octo-org/octo-repo/issues/7|octo-org/octo-repo#7> Totals (urgent, due 2024-02-29T03:30Z)",
      dueAt: "2024-02-29T03:30:00.000Z",
    });
  });

  it("escapes what Slack would take for markup", async () => {
    const { text } = await notify.run({ ...notice, title: "<b> & &amp; *" }, testStep());
    expect(text).toContain(" &lt;b&gt; &amp; &amp;amp; * (");
  });
});
