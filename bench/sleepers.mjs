// Puts messages to sleep in an engine's queues and prints one JSON object: node bench/sleepers.mjs DIR COUNT STILL_MS
// Nothing is due while it looks at what sleeping costs; then all are due, spread over as long.
import { setTimeout as sleep } from "node:timers/promises";
import { LocalStore } from "../lib/adapters/local/store.ts";
import { SingleProcessTransport } from "../lib/adapters/single-process/transport.ts";
import { systemClock } from "../lib/adapters/system-clock.ts";

const [, , dir, countText, stillText] = process.argv;
const count = Number(countText);
const stillMs = Number(stillText);
const onError = (error) => {
  throw error;
};
const open = () => {
  const store = new LocalStore(dir);
  return { store, transport: new SingleProcessTransport({ store, clock: systemClock, concurrency: 1000, onError }) };
};
const heapMb = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

let { store, transport } = open();
const emptyMb = heapMb();
const begunMs = Date.now();
// 20 s to fall asleep, a minute and the few seconds ahead of which messages are read, and then they are looked at.
const firstMs = begunMs + 20_000 + 65_000 + stillMs;
const dueMs = (i) => firstMs + Math.floor((i * stillMs) / count);
const of = { kind: "step", v: 1, workflow: "asleep", graph: "h", epoch: 0, expiresAt: 99, attempt: 1 };
for (let i = 0; i < count; i += 1000) {
  const messages = Array.from({ length: Math.min(1000, count - i) }, (_, j) => ({
    queue: "asleep",
    envelope: { ...of, id: String(i + j), path: "reminder", bind: { prev: "decide/#start" } },
    delayMs: dueMs(i + j) - Date.now(),
  }));
  await transport.send(messages);
  await store.sync();
}
const putMs = Date.now() - begunMs;
const sentMb = heapMb() - emptyMb;

await transport.stop();
store.close();
const openedMs = performance.now();
({ store, transport } = open());
const openMs = performance.now() - openedMs;
const lateMs = [];
transport.consume("asleep", async ({ envelope }) => {
  lateMs.push(Date.now() - dueMs(Number(envelope.id)));
  return { kind: "acknowledge" };
});
await sleep(Math.max(0, begunMs + 20_000 - Date.now()));
const cpu = process.cpuUsage();
const fromMs = performance.now();
await sleep(stillMs);
const { user, system } = process.cpuUsage(cpu);
const coreShare = (user + system) / 1000 / (performance.now() - fromMs);
const asleepMb = heapMb() - emptyMb;

const wakingCpu = process.cpuUsage();
while (lateMs.length < count) await sleep(100);
const waking = process.cpuUsage(wakingCpu);
await transport.stop();
store.close();
lateMs.sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({
    ...{ count, putMs, openMs, coreShare, sentMb, asleepMb, wakingCpuMs: (waking.user + waking.system) / 1000 },
    ...{ earlyMs: Math.max(0, -lateMs[0]), lateP50Ms: quantile(lateMs, 0.5), lateP99Ms: quantile(lateMs, 0.99) },
    lateMostMs: lateMs.at(-1),
  })}\n`,
);
