/** A workflow with a step of each kind; its handlers write down that they began, in a file, and some end their process. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { node, workflow } from "../../../lib/index.ts";
import { implement } from "../../../lib/node/index.ts";
import { firstTime } from "../app/first/first-time.ts";

const Text = z.object({ text: z.string() });
const contract = {
  input: Text,
  output: Text,
  timeout: "1 second",
  retry: { maxAttempts: 20, firstDelay: "0.05 seconds" },
} as const;
const fetched = node("fetched", contract);
const look = node("look", { ...contract, inline: true, repeatable: true });
const pay = node("pay", contract);
const note = node("note", { ...contract, inline: true });

export const faulty = workflow("faulty", { input: Text })
  .task(fetched)
  .task(look)
  .parallel("both", {
    left: (b) => b.task(pay.as("left")),
    right: (b) => b.task(look.as("first")).task(pay.as("right")),
  })
  .task(note, { input: (s) => s.both.right })
  .map("each", { over: (s) => [s.both.left, s.note], each: (b) => b.task(pay.as("one")) })
  .output((s) => s.each.map(({ text }) => text).join(" "));

export const OUTPUT = "in.,$$ in.,,$#$";
/** By the step's path: whether it writes to the ledger as it settles. */
export const STEPS: Readonly<Record<string, "pays" | "plain" | "repeatable">> = {
  ...{ fetched: "plain", look: "repeatable", "both/left/left": "pays", "both/right/first": "repeatable" },
  ...{ "both/right/right": "pays", note: "pays", "each/0/one": "pays", "each/1/one": "pays" },
};

/** Where its processes find what they share. */
export interface Shared {
  readonly LEDGER: string;
  readonly FOLDER: string;
}
const { LEDGER = "", FOLDER = "" } = process.env;
export const journalIn = (folder: string): string => join(folder, "journal");
const markerOf = (execution: string, path: string) => join(FOLDER, `${execution} ${path}`.replaceAll("/", "~"));

function began({ execution, path }: { readonly execution: string; readonly path: string }): void {
  appendFileSync(journalIn(FOLDER), `${Date.now()} ${execution} ${path}\n`);
}
/** Two for its own account and everybody's: what another step writes at the same moment. */
const paid = (of: string) =>
  [of, "total"].map((pk) => ({
    Update: {
      ...{ TableName: LEDGER, Key: { pk }, UpdateExpression: "ADD n :one" },
      ExpressionAttributeValues: { ":one": 1 },
    },
  }));

export const handlers = {
  fetched: implement(fetched, ({ text }, step) => {
    began(step);
    if (step.executionId.endsWith("3") && firstTime(markerOf(step.execution, step.path))) process.exit(1);
    return { text: `${text}.` };
  }),
  look: implement(look, ({ text }, step) => {
    began(step);
    return { text: `${text},` };
  }),
  pay: implement(pay, async ({ text }, step) => {
    began(step);
    const sign = await step.memo("sign", () => "$");
    step.transact(...paid(`${step.execution} ${step.path}`));
    if (step.executionId.endsWith("5") && step.path === "both/left/left")
      if (firstTime(markerOf(step.execution, step.path))) process.exit(1);
    return { text: `${text}${sign}` };
  }),
  note: implement(note, ({ text }, step) => {
    began(step);
    step.transact(...paid(`${step.execution} ${step.path}`));
    return { text: `${text}#` };
  }),
};
