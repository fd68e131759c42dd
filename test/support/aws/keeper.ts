/**
 * Runs a command for as long as its own stdin is open, so that the server does not outlive the tests however they end: the pipe of a
 * killed process closes as well. Its parent starts it in a session of its own, out of reach of the terminal's Ctrl-C.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const graceMs = 5_000;
const [command, ...args] = process.argv.slice(2) as [string, ...string[]];
const folder = mkdtempSync(join(tmpdir(), "pawl-stand-in-"));
const env = { ...process.env, HOME: folder, TMPDIR: folder };
const server = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
let stopping = false;

function stop() {
  if (stopping) return;
  stopping = true;
  server.kill("SIGTERM");
  setTimeout(() => server.kill("SIGKILL"), graceMs).unref();
}

process.stdin.on("end", stop).resume();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);

function end(code: number) {
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
server.on("error", (error) => {
  console.error(error.message);
  end(1);
});
server.on("exit", (code) => end(stopping ? 0 : (code ?? 1)));
