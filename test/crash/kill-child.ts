/**
 * An engine that is to be killed: node kill-child.ts FOLDER LIFE [last]. It starts executions without end; its last life
 * starts nothing and ends when everything has ended. Whatever a handler does is written down in FOLDER/effects.
 */
import { randomUUID } from "node:crypto";
import { appendFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { openEngine } from "../../lib/local/index.ts";
import { implement, type Step } from "../../lib/node/index.ts";

const [folder = "", life = "", last] = process.argv.slice(2);
const AT_ONCE = 16;

const of = { input: z.string(), output: z.string() };
const queued = node("queued", of);
const inlined = node("inlined", { ...of, inline: true });
const repeated = node("repeated", { ...of, repeatable: true });
const chain = workflow("chain", { input: z.string() })
  .task(queued.as("a"))
  .task(inlined.as("b"))
  .parallel("p", { c: (x) => x.task(queued.as("c")), d: (x) => x.task(inlined.as("d")) })
  .task(repeated.as("e"), { input: (s) => `${s.p.c}+${s.p.d}` })
  .task(queued.as("f"))
  .output((s) => [s.a, s.b, s.p.c, s.p.d, s.e, s.f]);

/** Another answer at each call: whoever goes on with one that was not recorded is found out. */
const handle = (input: string, step: Step<never>): string => {
  const answer = randomUUID();
  appendFileSync(join(folder, "effects"), `${step.execution} ${step.path} ${input} ${answer}\n`);
  return answer;
};
const handlers = {
  queued: implement(queued, handle),
  inlined: implement(inlined, handle),
  repeated: implement(repeated, handle),
};
const say = (line: string) => writeSync(1, `${line}\n`);

const engine = await openEngine({ folder, workflows: [{ workflow: chain, handlers }] });
say("ready");
if (last) {
  while ((await engine.list({ status: "running", limit: 1 })).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await engine.stop();
  say("done");
} else {
  let n = 0;
  const keepOn = async () => {
    for (;;) {
      const id = `${life}-${n++}`;
      await engine.start("chain", { id, input: "in" });
      say(`accepted ${id}`);
      await engine.result({ workflow: "chain", id });
      say(`ended ${id}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, keepOn));
}
