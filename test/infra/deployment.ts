/** Templates of workflows on a platform, without their code: what CDK is told not to bundle, it does not. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll } from "vitest";
import { agent } from "../../functions/agent/workflow.ts";
import { crm } from "../../functions/crm/workflow.ts";
import { order } from "../../functions/order/workflow.ts";
import { purchase } from "../../functions/purchase/workflow.ts";
import { ticket } from "../../functions/ticket/workflow.ts";
import { Platform, type PlatformProps, WorkflowFunctions, type WorkflowFunctionsProps } from "../../lib/cdk/index.ts";

/** Those that `cdk init` gives a new app. */
const flags = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")).context as object;

const outdir = mkdtempSync(join(tmpdir(), "pawl-infra-"));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));
let apps = 0;

export const newApp = (context: object = flags): App =>
  new App({ outdir: join(outdir, String(apps++)), context: { "aws:cdk:bundling-stacks": [], ...context } });

export type Settings = Omit<WorkflowFunctionsProps, "platform" | "workflow" | "code">;

export class Deployment {
  readonly app: App;
  readonly stack: Stack;
  readonly platform: Platform;

  constructor(props: PlatformProps | ((stack: Stack) => PlatformProps) = {}, app = newApp()) {
    this.app = app;
    this.stack = new Stack(app, "test");
    this.platform = new Platform(this.stack, "Platform", typeof props === "function" ? props(this.stack) : props);
  }

  order = (settings: Settings = {}): WorkflowFunctions =>
    this.#add("Order", { workflow: order, code: "functions/order", ...settings });
  crm = (settings: Settings = {}): WorkflowFunctions =>
    this.#add("Crm", { workflow: crm, code: "functions/crm", ...settings });
  ticket = (settings: Settings = {}): WorkflowFunctions =>
    this.#add("Ticket", { workflow: ticket, code: "functions/ticket", ...settings });

  agent = (settings: Settings = {}): WorkflowFunctions =>
    this.#add("Agent", { workflow: agent, code: "functions/agent", ...settings });

  purchase = (settings: Settings = {}): WorkflowFunctions =>
    this.#add("Purchase", { workflow: purchase, code: "functions/purchase", ...settings });

  #add(id: string, props: Omit<WorkflowFunctionsProps, "platform">): WorkflowFunctions {
    return new WorkflowFunctions(this.stack, id, { platform: this.platform, ...props });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a template's properties are looked at by hand.
export type Properties = Record<string, any>;
export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
  readonly UpdateReplacePolicy?: string;
}

export const templateOf = (stack: Stack): Template => Template.fromStack(stack);

export function resources(template: Template, type: string): Resource[] {
  const found = template.findResources(type) as Record<string, Omit<Resource, "id">>;
  return Object.entries(found).map(([id, resource]) => ({ id, ...resource }));
}
