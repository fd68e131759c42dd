/**
 * Real GitHub issue webhooks, as EventBridge delivers them. They come from npm `@octokit/webhooks-examples` (a dev
 * dependency) each time, and are not copied into this repository.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Sample } from "../sample.ts";

const source = "@octokit/webhooks-examples";

/** What this file reads of the package; the payloads themselves are passed on whole. */
const Definitions = z.array(z.object({ name: z.string(), examples: z.array(z.json()) }));
const Payload = z.looseObject({
  action: z.string(),
  issue: z.object({ title: z.string(), updated_at: z.iso.datetime() }),
});

export async function samples(): Promise<Sample[]> {
  const issues = Definitions.parse(await load()).find((definition) => definition.name === "issues");
  if (issues === undefined || issues.examples.length === 0)
    throw new Error(`npm package ${source} holds no "issues" webhooks any more: install the version in package.json`);
  return issues.examples.map(sampleOf);
}

function sampleOf(detail: Sample["event"]["detail"], index: number): Sample {
  const { action, issue } = Payload.parse(detail);
  return {
    name: `webhook ${index + 1}: ${action} "${issue.title}"`,
    event: {
      version: "0",
      id: uuid(`${source} issues ${index}`),
      source: "github.com",
      "detail-type": "issues",
      account: "000000000000",
      time: issue.updated_at,
      region: "eu-central-1",
      resources: [],
      detail,
    },
    expect: { status: "succeeded" },
  };
}

async function load(): Promise<unknown> {
  try {
    const loaded: { default: unknown } = await import("@octokit/webhooks-examples", { with: { type: "json" } });
    return loaded.default;
  } catch (cause) {
    throw new Error(
      `the samples of "ticket" are read from the npm package ${source}, which could not be loaded; ` +
        "it is a dev dependency: run `npm install` (without --omit=dev) and try again",
      { cause },
    );
  }
}

/** The same seed gives the same id, so that sending the samples again starts nothing new. */
function uuid(seed: string): string {
  const hex = createHash("sha256").update(seed).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
