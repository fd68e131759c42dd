/** The AWS that tests of test/wire run against: MiniStack, which speaks AWS's wire format and is still no proof of what AWS does. */
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { describe, expect, inject, it, type ProvidedContext } from "vitest";
import { credentials, region } from "./environment.ts";

/** Also the configuration of an SDK client: `new SQSClient(aws)`. */
export interface StandIn {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Of names, this test file's own: all files share one server. */
  readonly prefix: string;
}

/** A `describe` whose tests are skipped where the stand-in cannot be had, and fail under CI. */
export function onStandIn(name: string, tests: (aws: StandIn) => void): void {
  const given = inject("standIn");
  if (given.kind === "absent" && process.env.CI)
    it(`${name}: has a stand-in`, () => expect.fail(`CI is set, and ${given.reason}`));
  const file = basename(expect.getState().testPath ?? "", ".test.ts");
  const prefix = `${file}-${randomBytes(3).toString("hex")}-`;
  // A skipped describe collects its tests all the same.
  describe.skipIf(given.kind === "absent")(name, () =>
    tests({ endpoint: endpointOf(given), region, credentials, prefix }),
  );
}

/** Without a stand-in, one that nobody answers. */
export function endpointOf(standIn: ProvidedContext["standIn"]): string {
  return standIn.kind === "running" ? standIn.endpoint : "http://stand-in.invalid";
}
