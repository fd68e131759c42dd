// @ts-check
// What CI runs besides the tests: the check:* scripts of package.json, two at a time, up to the first that fails.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const atOnce = 2;
// Slow ones first, so that the quick ones fill the gaps.
const waiting = [
  { name: "code", after: [] },
  { name: "build", after: [] },
  { name: "types-cost", after: [] },
  { name: "format", after: [] },
  { name: "imports", after: [] },
  { name: "unused", after: [] },
  { name: "graphs", after: [] },
  { name: "size", after: [] },
  { name: "api", after: ["build"] },
  { name: "publint", after: ["build"] },
  { name: "types-of-package", after: ["build"] },
];
/** @type {Map<string, import("node:child_process").ChildProcess>} */
const running = new Map();
/** @type {Set<string>} */
const passed = new Set();
let failed = "";

// dist/ is built once, here: packing must not build it again under the feet of another check.
const env = { ...process.env, npm_config_ignore_scripts: "true" };
const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} name */
function run(name) {
  const startedMs = performance.now();
  // A group of its own, so that a stop reaches what npm started.
  const child = spawn("npm", ["run", "-s", `check:${name}`], { cwd: root, env, detached: true });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  running.set(name, child);
  child.on("close", (code) => {
    running.delete(name);
    if (failed) return;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${name.padEnd(18)}${seconds} s`);
    if (code === 0) passed.add(name);
    else stop(name, Buffer.concat(output).toString());
    next();
  });
}

/** @param {string} name @param {string} output */
function stop(name, output) {
  failed = name;
  process.exitCode = 1;
  console.error(`\n${output.trimEnd()}\n\nverify: ${name} failed (npm run -s check:${name})`);
  for (const { pid } of running.values()) if (pid) process.kill(-pid);
}

function next() {
  while (!failed && running.size < atOnce) {
    const at = waiting.findIndex(({ after }) => after.every((name) => passed.has(name)));
    const [check] = at < 0 ? [] : waiting.splice(at, 1);
    if (!check) return;
    run(check.name);
  }
}

next();
