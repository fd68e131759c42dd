/**
 * Works out how urgent an issue is, from its labels and its text, and which area of the project it belongs to. 70 points
 * make it urgent, 20 normal, fewer low.
 */
import { implement } from "pawl/node";
import { classify } from "./contracts.ts";

const urgentFrom = 70;
const normalFrom = 20;

const labelPoints = new Map([
  ["security", 70],
  ["critical", 70],
  ["regression", 40],
  ["bug", 30],
  ["enhancement", 10],
  ["documentation", -10],
  ["good first issue", -10],
  ["wontfix", -100],
]);

const phrases: readonly { points: number; pattern: RegExp }[] = [
  { points: 70, pattern: /\b(data loss|vulnerability|CVE-\d{4}-\d{4,})\b/i },
  { points: 40, pattern: /\b(crash(es|ed)?|outage|hangs?)\b/i },
  { points: 20, pattern: /\b(broken|does not work|doesn't work)\b/i },
  { points: -10, pattern: /\b(simple|minor|trivial)\b/i },
  { points: -20, pattern: /\b(spelling|typos?|wording)\b/i },
];

export const handler = implement(classify, async (input) => {
  const text = `${input.title}\n${input.body}`;
  const labels = input.labels.map((label) => label.toLowerCase());
  const found: { points: number; reason: string }[] = [];

  for (const label of labels) {
    const points = labelPoints.get(label);
    if (points !== undefined) found.push({ points, reason: `label ${label}` });
  }
  for (const { points, pattern } of phrases) {
    const match = pattern.exec(text);
    if (match !== null) found.push({ points, reason: `says "${match[0]}"` });
  }
  if (input.milestone !== null) found.push({ points: 10, reason: `milestone ${input.milestone}` });
  if (input.comments >= 10) found.push({ points: 10, reason: `${input.comments} comments` });

  const score = found.reduce((sum, entry) => sum + entry.points, 0);
  return {
    priority: score >= urgentFrom ? "urgent" : score >= normalFrom ? "normal" : "low",
    score,
    area: areaOf(text, labels),
    reasons: found.map((entry) => entry.reason),
  };
});

function areaOf(text: string, labels: readonly string[]): "docs" | "build" | "code" {
  if (labels.includes("documentation") || /\b(readme|docs?|documentation|spelling|typos?)\b/i.test(text)) return "docs";
  return /\b(package\.json|dependenc(y|ies)|install|CI)\b/i.test(text) ? "build" : "code";
}
