// How long an engine takes to end what a killed process has left, as one JSON object: node bench/recover.mjs MODULE DIR
// 200 chains of 10 steps of 25 ms; `kill -9` once 30% of the steps have ended; then a new process, whose start counts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { payload } from "./step.mjs";

const [, , module, dir, role] = process.argv;
const CHAINS = 200;
const STEPS = 10;
const STEP_MS = 25;
const LONGEST_MS = 90_000;
const ids = Array.from({ length: CHAINS }, (_, i) => `left${i}`);

if (role === undefined) await drive();
else await be(role);

async function be(what) {
  const { default: peer } = await import(pathToFileURL(resolve(module)).href);
  await peer.startWorker({ dir });
  if (what === "killed") {
    await Promise.all(ids.map((id) => peer.submitChain(id, STEPS, payload(id))));
    process.stdout.write("SUBMITTED\n");
    return;
  }
  const outputs = await Promise.all(ids.map((id) => peer.awaitChain(id).catch(() => undefined)));
  const right = outputs.filter((output, i) => output?.counter === STEPS && output.id === ids[i]);
  process.stdout.write(`ENDED ${right.length}\n`);
  process.exit(0);
}

async function drive() {
  const log = join(dir, "steps.log");
  writeFileSync(log, "");
  const lines = (kind) =>
    readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.startsWith(kind));
  const env = { ...process.env, BENCH_STEP_LOG: log, BENCH_STEP_MS: `${STEP_MS}` };
  const child = (as) => {
    const args = [...process.execArgv, import.meta.filename, module, dir, as];
    const started = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    const said = { text: "" };
    started.stdout.on("data", (chunk) => {
      said.text += chunk;
    });
    return { process: started, said, gone: once(started, "exit") };
  };
  const until = async ({ process: of }, holds) => {
    const lastMs = performance.now() + LONGEST_MS;
    while (!holds()) {
      if (of.exitCode !== null && !holds()) throw new Error(`${module} ended with ${of.exitCode}`);
      if (performance.now() > lastMs) {
        of.kill("SIGKILL");
        throw new Error(`${module} did not end within ${LONGEST_MS} ms`);
      }
      await sleep(5);
    }
  };

  const killed = child("killed");
  await until(killed, () => killed.said.text.includes("SUBMITTED") && lines("E").length >= CHAINS * STEPS * 0.3);
  killed.process.kill("SIGKILL");
  await killed.gone;
  const endedMs = performance.now();
  const next = child("next");
  await until(next, () => next.said.text.includes("ENDED"));
  const recoverMs = performance.now() - endedMs;
  await next.gone;
  const ends = lines("E");
  process.stdout.write(
    `${JSON.stringify({
      recoverMs,
      lost: CHAINS - Number(/ENDED (\d+)/.exec(next.said.text)?.[1]),
      // Their ends were told of before the kill, but were not on disk yet, or after it again.
      ranTwice: ends.length - new Set(ends).size,
    })}\n`,
  );
}
