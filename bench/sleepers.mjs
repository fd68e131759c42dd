// Puts executions to sleep in a `wait` and prints one JSON object: node bench/sleepers.mjs DIR COUNT STILL_MS WAKE_MS
// Nothing is due while it looks at what sleeping costs; then all are due, spread over the other time.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { workflow } from "../lib/index.ts";
import { openEngine } from "../lib/local/index.ts";

const [, , dir, countText, stillText, wakeText] = process.argv;
const count = Number(countText);
const stillMs = Number(stillText);
const wakeMs = Number(wakeText);
/** A message that is due within a minute and these few seconds is in memory. */
const AWAKE_MS = 66_000;
/** So many are started to see how long all of them take. */
const FIRST = Math.min(count, 2_000);
const AT_ONCE = 500;

const reminder = workflow("reminder", { input: z.string() })
  .wait("until", { until: (s) => s.input })
  .output((s) => s.input);
const engine = await openEngine({ folder: dir, workflows: [{ workflow: reminder, handlers: {} }] });
const heapMb = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

const dueMs = new Map();
async function putToSleep(from, to, dueOf) {
  for (let at = from; at < to; at += AT_ONCE) {
    const ids = Array.from({ length: Math.min(AT_ONCE, to - at) }, (_, i) => at + i);
    await Promise.all(
      ids.map((i) => {
        dueMs.set(`${i}`, dueOf(i));
        return engine.start("reminder", { id: `${i}`, input: new Date(dueOf(i)).toISOString() });
      }),
    );
  }
}
/** A start is accepted before it is carried out. */
async function started(i) {
  for (;;) {
    const shown = await engine.show({ workflow: "reminder", id: `${i}` }).catch(() => undefined);
    if (shown) return;
    await sleep(50);
  }
}

const emptyMb = heapMb();
const begunMs = Date.now();
const FAR_MS = 60 * 60_000;
await putToSleep(0, FIRST, () => begunMs + FAR_MS);
await started(FIRST - 1);
const eachMs = (Date.now() - begunMs) / FIRST;
// Half as long again, since whoever else is at work on the machine may slow it down; what is due goes off after a look.
const firstMs = Date.now() + (count - FIRST) * eachMs * 1.5 + AWAKE_MS + 10_000 + stillMs;
await putToSleep(FIRST, count, (i) => Math.floor(firstMs + ((i - FIRST) * wakeMs) / (count - FIRST)));
await started(count - 1);
const putMs = Date.now() - begunMs;
const asleepMb = heapMb() - emptyMb;

await sleep(Math.max(1_000, firstMs - AWAKE_MS - stillMs - Date.now()));
if (Date.now() > firstMs - AWAKE_MS - stillMs + 2_000) throw new Error("putting them to sleep took too long");
const cpuBefore = cpuMs();
const fromMs = performance.now();
await sleep(stillMs);
const coreShare = (cpuMs() - cpuBefore) / (performance.now() - fromMs);

const lateMs = [];
engine.onEnded(({ id }) => lateMs.push(Date.now() - dueMs.get(id)));
const wakingBefore = cpuMs();
while (lateMs.length < count - FIRST) await sleep(100);
const wakingCpuMs = cpuMs() - wakingBefore;
await engine.stop();
lateMs.sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({
    ...{ count, putMs, coreShare, asleepMb, wakingCpuMs, earlyMs: Math.max(0, -lateMs[0]) },
    ...{ lateP50Ms: quantile(lateMs, 0.5), lateP99Ms: quantile(lateMs, 0.99), lateMostMs: lateMs.at(-1) },
  })}\n`,
);
process.exit(0);
