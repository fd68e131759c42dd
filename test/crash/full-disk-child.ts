/**
 * An engine on a disk that gets full and has room again: node full-disk-child.ts FOLDER, on a small file system that is
 * FOLDER's alone. Prints what it saw as JSON.
 */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { openEngine } from "../../lib/local/index.ts";
import { implement } from "../../lib/node/index.ts";

const [folder = ""] = process.argv.slice(2);
const ballast = join(folder, "ballast");

/** To the last byte. */
function fill(): void {
  const file = openSync(ballast, "w");
  for (let size = 1 << 16; size >= 1; size >>= 1) {
    try {
      while (writeSync(file, Buffer.alloc(size)) > 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  closeSync(file);
}
const makeRoom = () => rmSync(ballast);

const big = "x".repeat(200_000);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const work = node("work", { input: z.string(), output: z.string() });
const flow = workflow("flow", { input: z.string() }).task(work).task(work.as("again"));
const calls = { work: 0, again: 0 };
let release = () => {};
const held = new Promise<void>((resolve) => {
  release = resolve;
});
const handlers = {
  work: implement(work, async (input, step) => {
    calls[step.path as "work" | "again"]++;
    if (step.path === "work") await held;
    return input;
  }),
};
const errors: unknown[] = [];
const options = { folder: join(folder, "data"), workflows: [{ workflow: flow, handlers }] };
const engine = await openEngine({ ...options, onError: (error) => void errors.push(error) });

const underWay = ["1", "2", "3"];
for (const id of underWay) await engine.start("flow", { id, input: big });
while (calls.work < underWay.length) await sleep(5);
fill();
release();
const refusals: unknown[] = [];
for (const id of ["4", "5"])
  await engine.start("flow", { id, input: big }).catch((error: unknown) => refusals.push(error));
await sleep(1_200); // two more tries to commit
const whileFull = { ...calls, errors: errors.length, counts: engine.counts() };
makeRoom();
// "6" is new; those that were refused may be started again.
const accepted = [];
for (const id of ["4", "5", "6"]) accepted.push(await engine.start("flow", { id, input: big }));
const results = await Promise.all([...underWay, "4", "5", "6"].map((id) => engine.result({ workflow: "flow", id })));
await engine.stop();

const told = (error: unknown) => {
  const { name, code, message } = error as { name: string; code: string; message: string };
  return { name, code, message };
};
process.stdout.write(
  JSON.stringify({
    refusals: refusals.map(told),
    errors: errors.map(told),
    whileFull,
    accepted: accepted.map(({ started }) => started),
    statuses: results.map(({ status }) => status),
    calls,
  }),
);
