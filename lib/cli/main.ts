#!/usr/bin/env node
// An older Node gets one clear line: nothing that needs a newer one is imported before this check.
const major = Number.parseInt(process.versions.node, 10);
if (major < 24) {
  process.stderr.write(`pawl needs Node 24 or newer, and this is ${process.versions.node} (${process.execPath})\n`);
  process.exitCode = 2;
} else {
  const { enableCompileCache } = await import("node:module");
  enableCompileCache(); // the second call starts in half the time
  const { endQuietly, run } = await import("./run.ts");
  for (const stream of [process.stdout, process.stderr]) stream.on("error", endQuietly);
  process.exitCode = await run(process.argv.slice(2));
}

export {};
