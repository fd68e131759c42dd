/** What `client({ target: "aws" })` loads at its first call: the AWS SDK is behind it. */
import { openPlatform } from "../adapters/aws/platform.ts";
import { platformClient } from "./platform-client.ts";
import type { ClientCalls, PlatformClientOptions } from "./types.ts";

export function openPlatformClient({ workflows = [], ...options }: PlatformClientOptions): ClientCalls {
  return platformClient(openPlatform(options), new Map(workflows.map(({ name, program }) => [name, program])));
}
