/**
 * An engine that is to be killed. It goes on with what its data folder has unfinished, starts whatever has not been
 * accepted yet at a rate that keeps a number of executions in flight, and ends when all has ended.
 */
import { fileURLToPath } from "node:url";
import type { ExecutionName } from "../../lib/contract/ids.ts";
import type { Controlled } from "../../lib/engine/ask.ts";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { isPawlError } from "../../lib/errors.ts";
import { ChildHandlers } from "../../lib/local/handler-process.ts";
import { openEngineOn } from "../../lib/local/open-engine.ts";
import { InProcessHandlers } from "../../lib/node/in-process.ts";
import type { Handlers } from "../../lib/ports/handlers.ts";
import { chanceOf } from "./chance.ts";
import { dataFolder, linesOf, thisLife, workflowOf, writer } from "./life.ts";
import { plant, sendTwice } from "./trouble.ts";
import { WORKFLOWS } from "./workflows.ts";

/** What it tells its supervisor, several times a second; the last message is `done`. */
export interface Progress {
  readonly accepted: number;
  readonly ended: number;
  readonly rssMiB: number;
  readonly done: boolean;
}

const life = thisLife();
const accepted = new Set(linesOf(life, "accepted"));
const ended = new Set(linesOf(life, "ended"));
const say = {
  ...{ accepted: writer(life, "accepted"), ended: writer(life, "ended") },
  ...{ paused: writer(life, "paused"), redriven: writer(life, "redriven") },
};
/** An execution that fails is redriven, until it has been so often. */
const MOST_EPOCHS = 2;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

sendTwice(life);
if (life.planted) plant(life.planted);
const engine = openEngineOn(await handlersOf(), { folder: dataFolder(life) });
await engine.add(...WORKFLOWS.map(({ program }) => program));
process.on("disconnect", () => process.exit(1)); // the supervisor is gone
tell(false);
const telling = setInterval(() => tell(false), 20);
await carryAllOut();
while (await anyOpen()) await sleep(50);
await engine.stop();
clearInterval(telling);
tell(true);
process.removeAllListeners("disconnect");
process.disconnect();

async function handlersOf(): Promise<Handlers> {
  const onLog = () => {};
  const file = fileURLToPath(new URL("./handlers.ts", import.meta.url));
  if (life.apart) {
    const apart = new ChildHandlers({ onLog });
    await apart.replace(Object.fromEntries(WORKFLOWS.map(({ program }) => [program.graph.workflow, file])));
    return apart;
  }
  const here = new InProcessHandlers(onLog);
  const all = await import("./handlers.ts");
  for (const { program } of WORKFLOWS) {
    const wanted = Object.entries(all).filter(([name]) => Object.hasOwn(program.graph.nodes, name));
    here.add(program, Object.fromEntries(wanted));
  }
  return here;
}

async function carryAllOut(): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < life.executions) await carryOut(next++);
  };
  await Promise.all(Array.from({ length: life.inFlight }, lane));
}

async function carryOut(n: number): Promise<void> {
  const id = String(n);
  if (ended.has(id)) return;
  const workflow = workflowOf(life, n);
  // What was accepted is not started again: that would put right what was lost.
  if (!accepted.has(id)) {
    await engine.start(workflow, { id, input: id });
    say.accepted(`${id}\n`);
    accepted.add(id);
    if (n % 20 === 0) await engine.start(workflow, { id, input: id });
  }
  if (chanceOf(life.seed, "pause", n) < 0.05) await holdUp({ workflow, id });
  while ((await engine.result({ workflow, id })).status === "failed") {
    const done = await asked({ workflow, id }, { kind: "redrive" });
    if (done) say.redriven(`${id}\n`);
    if (done && done.epoch >= MOST_EPOCHS) break;
  }
  await engine.result({ workflow, id });
  say.ended(`${id}\n`);
  ended.add(id);
}

/** Paused for a moment. A life that ends meanwhile leaves it to the next one to resume it. */
async function holdUp(name: ExecutionName): Promise<void> {
  const done = await asked(name, { kind: "pause" });
  if (done?.status === "paused") say.paused(`${name.id}\n`);
  await sleep(100 * chanceOf(life.seed, "how long paused", name.id));
  await asked(name, { kind: "resume" });
}

/** Undefined: it has ended meanwhile, or goes on already, as an earlier life asked of it. */
async function asked(name: ExecutionName, request: ControlRequest): Promise<Controlled | undefined> {
  try {
    return await engine.ask(name, request);
  } catch (error) {
    if (isPawlError(error) && error.code === "invalid_status") return undefined;
    throw error;
  }
}

/** Executions that an event started are in nobody's list. */
async function anyOpen(): Promise<boolean> {
  for (const status of ["running", "paused", "stopping"] as const)
    if ((await engine.list({ status, limit: 1 })).length > 0) return true;
  await sleep(50);
  const { ready, inFlight } = engine.counts();
  return ready + inFlight > 0;
}

function tell(done: boolean): void {
  const rssMiB = process.memoryUsage.rss() / 2 ** 20;
  process.send?.({ accepted: accepted.size, ended: ended.size, rssMiB, done } satisfies Progress);
}
