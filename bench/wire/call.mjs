// Calls a function once, in a process that is new as a cold start's is: node call.mjs FILE EVENT_JSON
import { pathToFileURL } from "node:url";

const [, , file, event] = process.argv;
const { handler } = await import(pathToFileURL(file).href);
const untilMs = Date.now() + 45_000;
await handler(JSON.parse(event), {
  awsRequestId: "bench",
  functionName: "work",
  getRemainingTimeInMillis: () => untilMs - Date.now(),
});
process.exit(0);
