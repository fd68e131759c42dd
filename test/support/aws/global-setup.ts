/** One stand-in for all tests of test/wire: state is kept apart by names, and a server per file would cost each of them a second. */
import type { TestProject } from "vitest/node";
import { install } from "./install.ts";
import { type Server, startServer } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    standIn:
      | { readonly kind: "running"; readonly endpoint: string }
      | { readonly kind: "absent"; readonly reason: string };
  }
}

let server: Server | undefined;

export async function setup(project: TestProject): Promise<void> {
  const installation = install();
  if (installation.kind === "absent") {
    console.info(`skipped: tests on AWS's wire format, as there is no stand-in: ${installation.reason}`);
    project.provide("standIn", installation);
    return;
  }
  server = await startServer(installation.python);
  project.provide("standIn", { kind: "running", endpoint: server.endpoint });
}

export async function teardown(): Promise<void> {
  await server?.stop();
}
