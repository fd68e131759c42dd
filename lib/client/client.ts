import { engineClient } from "./engine-client.ts";
import type { Client, ClientCalls, ClientOptions, PlatformClientOptions } from "./types.ts";

/** Talks to an embedded engine, or with `target: "aws"` to a deployed platform. Nothing is sent before the first call. */
export function client(options: ClientOptions = {}): Client {
  return options.target === "aws" ? awsClient(options) : engineClient(options);
}

/** What it needs is loaded at the first call: whoever never talks to AWS does not pay for its SDK. */
function awsClient(options: PlatformClientOptions): Client {
  let opened: Promise<ClientCalls> | undefined;
  const open = () => {
    opened ??= import("./open-platform-client.ts").then(({ openPlatformClient }) => openPlatformClient(options));
    return opened;
  };
  const calls: ClientCalls = {
    start: async (workflow, of) => (await open()).start(workflow, of),
    sendEvent: async (event) => (await open()).sendEvent(event),
    result: async (workflow, id, wait) => (await open()).result(workflow, id, wait),
    show: async (workflow, id) => (await open()).show(workflow, id),
    list: async (query) => (await open()).list(query),
    pause: async (workflow, id) => (await open()).pause(workflow, id),
    resume: async (workflow, id) => (await open()).resume(workflow, id),
    cancel: async (workflow, id, of) => (await open()).cancel(workflow, id, of),
    redrive: async (workflow, id, of) => (await open()).redrive(workflow, id, of),
    signal: async (workflow, id, ...signal) => (await open()).signal(workflow, id, ...signal),
    heal: async (workflow, id) => (await open()).heal(workflow, id),
    fork: async (workflow, id, of) => (await open()).fork(workflow, id, of),
    controlMany: async (filter, request, of) => (await open()).controlMany(filter, request, of),
  };
  return calls;
}
