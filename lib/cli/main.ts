#!/usr/bin/env node
// An older Node gets one clear line: nothing that needs a newer one is imported before this check.
const major = Number.parseInt(process.versions.node, 10);
if (major < 24) {
  process.stderr.write(`pawl needs Node 24 or newer, and this is ${process.versions.node} (${process.execPath})\n`);
  process.exitCode = 2;
} else {
  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2));
}

export {};
