// A map of many items and a loop of many rounds on the embedded engine, as one JSON object: node bench/large.mjs DIR ITEMS ROUNDS
import { z } from "zod";
import { LocalStore } from "../lib/adapters/local/store.ts";
import { node, workflow } from "../lib/index.ts";
import { openEngine } from "../lib/local/index.ts";
import { implement } from "../lib/node/index.ts";

const [, , dir, itemsText, roundsText] = process.argv;
const items = Number(itemsText);
const rounds = Number(roundsText);

/** Each record and each header that is put, as a write of its own on AWS. */
let writes = 0;
for (const name of ["putRecord", "putHeader"]) {
  const put = LocalStore.prototype[name];
  LocalStore.prototype[name] = function (...of) {
    writes++;
    return put.apply(this, of);
  };
}

const Line = z.object({ line: z.number(), text: z.string() });
const line = node("line", { input: Line, output: Line });
const many = workflow("many", { input: z.number() })
  .map("all", {
    over: (s) => Array.from({ length: s.input }, (_, i) => ({ line: i, text: `the text of line ${i}` })),
    each: (b) => b.task(line),
    concurrency: 1000,
  })
  .output((s) => s.all.filter(({ line: at }, i) => at === i).length);
const turn = node("turn", { input: z.number(), output: z.number() });
const round = workflow("round", { input: z.number() }).loop("again", {
  from: () => 0,
  each: (b) => b.task(turn),
  until: (n) => n >= rounds,
  max: rounds,
});
// What is compared is what the process spends on the first fifth of the rounds, and on the last: whoever else is at work
// on the machine does not count.
const fifth = Math.floor(rounds / 5);
const marks = [];
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
const engine = await openEngine({
  folder: dir,
  workflows: [
    { workflow: many, handlers: { line: implement(line, (input) => input) } },
    {
      workflow: round,
      handlers: {
        turn: implement(turn, (n) => {
          if (n % fifth === 0) marks[n / fifth] = cpuMs();
          return n + 1;
        }),
      },
    },
  ],
});

async function run(of, input, wanted) {
  await engine.start(of.workflow, { id: of.id, input });
  const { status, output, error } = await engine.result(of);
  if (status !== "succeeded" || output !== wanted)
    throw new Error(`${of.workflow}/${of.id} ${status}: ${JSON.stringify(error ?? output)}`);
}

await run({ workflow: "many", id: "warm" }, 1000, 1000);
writes = 0;
const begunMs = performance.now();
await run({ workflow: "many", id: "1" }, items, items);
const mapMs = performance.now() - begunMs;
const mapWritesPerItem = writes / items;

const growths = [];
const roundMs = [];
for (const id of ["warm", "1"]) {
  const fromMs = performance.now();
  await run({ workflow: "round", id }, 0, rounds);
  if (id === "warm") continue;
  roundMs.push((performance.now() - fromMs) / rounds);
  growths.push((cpuMs() - marks[4]) / (marks[1] - marks[0]));
}
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
await engine.stop();
process.stdout.write(
  `${JSON.stringify({
    ...{ mapWritesPerItem, mapItemsPerSec: (items * 1000) / mapMs },
    ...{ loopGrowth: median(growths), loopRoundMs: median(roundMs) },
  })}\n`,
);
process.exit(0);
