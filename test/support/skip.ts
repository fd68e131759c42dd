import type { TestContext } from "vitest";

/** Ends a test that an adapter cannot pass by its nature; the reason is printed, since a skip is a promise not kept. */
export function skip({ skip }: TestContext, reason: string): never {
  console.info(`skipped: ${reason}`);
  return skip(reason);
}
