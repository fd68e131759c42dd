/** This repository's own app, as the CDK's command line runs it: no account, no network. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Stack, Validations } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deployment, newApp } from "./deployment.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "pawl-app-"));
const { context: flags } = JSON.parse(readFileSync(join(root, "cdk.json"), "utf8")) as { context: object };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Assembly {
  readonly folder: string;
  readonly templates: Readonly<Record<string, Record<string, never>>>;
  readonly said: string;
}

async function synth(name: string, context: object): Promise<Assembly> {
  const out = join(folder, name);
  const env = { PATH: process.env.PATH, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify({ ...flags, ...context }) };
  const { stderr } = await run(process.execPath, ["--conditions=pawl-source", "infra/app.ts"], { cwd: root, env });
  const files = readdirSync(out).filter((file) => file.endsWith("template.json"));
  const read = (file: string) => JSON.parse(readFileSync(join(out, file), "utf8"));
  return { folder: out, templates: Object.fromEntries(files.map((file) => [file, read(file)])), said: stderr };
}
const noCode = { "aws:cdk:bundling-stacks": [] };

describe("the app", () => {
  let first: Assembly;
  let again: Assembly;
  beforeAll(async () => {
    first = await synth("first", {});
    again = await synth("again", {});
  }, 240_000);

  it("is one stack with one nested stack for each example", () => {
    expect(
      Object.keys(first.templates)
        .map((file) => file.replace(/[0-9A-F]{8}\..*|\..*/, ""))
        .sort(),
    ).toEqual(["pawl", "pawlAgent", "pawlCrm", "pawlOrder", "pawlPurchase", "pawlTicket"]);
  });

  it("is the same each time, code and all: nothing is deployed again that did not change", () => {
    expect(again.templates).toEqual(first.templates);
    const assets = ({ folder: of }: Assembly) => readdirSync(of).filter((file) => file.startsWith("asset."));
    expect(assets(first)).toHaveLength(33);
    expect(assets(again)).toEqual(assets(first));
  });

  it("tells what each workflow costs, in a line", () => {
    const told = readFileSync(join(first.folder, "pawl.metadata.json"), "utf8");
    for (const workflow of ["agent", "crm", "order", "purchase", "ticket"])
      expect(told).toMatch(
        new RegExp(`'${workflow}': about [\\d,.]+ one at a time, [\\d,.]+ by 10 USD a million executions in us-east-1`),
      );
  });

  it("says nothing of the machine it was made on", () => {
    const all = JSON.stringify(first.templates);
    expect(all).not.toContain(root);
    for (const asset of readdirSync(first.folder).filter((file) => file.startsWith("asset.")))
      for (const file of readdirSync(join(first.folder, asset)))
        expect(readFileSync(join(first.folder, asset, file)).includes(root), `${asset}/${file}`).toBe(false);
  });

  it("tells its outputs by name", () => {
    expect(Object.keys(first.templates["pawl.template.json"]?.Outputs ?? {})).toEqual([
      "PlatformName",
      "EventBus",
      "StepLog",
    ]);
  });
});

describe("security rules", () => {
  it("find nothing in the app: the pack runs within, and would have ended it", async () => {
    const { templates } = await synth("rules", { ...noCode, platform: "shop" });
    expect(Object.keys(templates)).toContain("shop.template.json");
  });

  it("find nothing in the constructs either, in an app without feature flags and with a key and topic of the user's", () => {
    const { app, ...deployment } = new Deployment({}, newApp({}));
    deployment.order();
    deployment.crm();
    deployment.ticket();
    deployment.agent();
    deployment.purchase();
    expect(violations(app)).toEqual([]);
  });

  it("would find a fault", () => {
    const deployment = new Deployment();
    deployment.order();
    new Bucket(deployment.stack, "Open");
    expect(violations(deployment.app)).toContain("AwsSolutions-S10");
  });

  it("end an app that has one", () => {
    const app = newApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    new Bucket(new Stack(app, "test"), "Open");
    expect(() => app.synth()).toThrow();
  });
});

const violations = (app: ReturnType<typeof newApp>): readonly string[] =>
  new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);
