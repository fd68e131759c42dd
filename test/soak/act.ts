/** What every handler of a soak does: it writes down that it begins, and then answers, throws, or takes too long. */
import type { Step } from "../../lib/node/index.ts";
import { chanceOf } from "./chance.ts";
import { thisLife, writer } from "./life.ts";

const life = thisLife();
const write = writer(life, "journal");
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let begun = 0;

/** A line: life, execution, path, the answer that will be given unless it throws, what was given. */
export async function act(input: string, step: Step): Promise<string> {
  const answer = `${life.number}.${process.pid}.${++begun}`;
  write(`${life.number} ${step.execution} ${step.path} ${answer} ${input}\n`);
  const chance = (what: string) => chanceOf(life.seed, what, step.execution, step.path, step.attempt);
  if (chance("stall") < 0.0005) await sleep(500); // longer than the node's timeout: whoever waited has gone on
  if (chance("block") < 0.0005) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  if (chance("wait") < 0.3) await sleep(20 * chance("how long"));
  if (chance("throw") < 0.02) throw new Error("at random");
  return answer;
}

export async function failFirst(input: string, step: Step): Promise<string> {
  const answer = await act(input, step);
  if (step.attempt === 1) throw new Error("at first");
  return answer;
}

/** Again later it may succeed: whoever redrives its execution goes on with it. */
export async function failNowAndThen(input: string, step: Step<"Broken">): Promise<string> {
  const answer = await act(input, step as unknown as Step); // only `fail` differs, which it does not call
  if (chanceOf(life.seed, "broken", answer) < 0.3) step.fail("Broken");
  return answer;
}
