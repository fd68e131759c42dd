// One state machine as it is imported, and with a function for each state, on the embedded engine, as one JSON object:
// node bench/machine.mjs DIR EXECUTIONS
import { z } from "zod";
import { LocalStore } from "../lib/adapters/local/store.ts";
import { fromAsl } from "../lib/asl/index.ts";
import { node } from "../lib/index.ts";
import { openEngine } from "../lib/local/index.ts";
import { implement } from "../lib/node/index.ts";

const [, , dir, executionsText] = process.argv;
const executions = Number(executionsText);
const AT_ONCE = 64;

let writes = 0;
for (const name of ["putRecord", "putHeader"]) {
  const put = LocalStore.prototype[name];
  LocalStore.prototype[name] = function (...of) {
    writes++;
    return put.apply(this, of);
  };
}

const work = node("work", { input: z.json(), output: z.json() });
const handlers = { work: implement(work, (input) => input) };
const task = { Type: "Task", Resource: "arn:aws:lambda:us-east-1:000000000000:function:work" };
// Ten states that an execution goes through: three of them call a function, the others shape data and decide.
const States = {
  Read: { Type: "Pass", Parameters: { "order.$": "$", total: 0 }, Next: "Reserve" },
  Reserve: { ...task, ResultPath: "$.reserved", Next: "Price" },
  Price: {
    Type: "Pass",
    Parameters: { "order.$": "$.order", "total.$": "States.MathAdd($.order.n, 1)" },
    Next: "Large",
  },
  Large: { Type: "Choice", Choices: [{ Variable: "$.total", NumericGreaterThan: 0, Next: "Charge" }], Default: "Free" },
  Free: { Type: "Pass", Next: "Receipt" },
  Charge: { ...task, ResultSelector: { "paid.$": "$.total" }, ResultPath: "$.charge", Next: "Receipt" },
  Receipt: { Type: "Pass", Parameters: { "text.$": "States.Format('{} paid', $.charge.paid)" }, Next: "Mark" },
  Mark: { Type: "Pass", Result: true, ResultPath: "$.marked", Next: "Ship" },
  Ship: { ...task, Next: "Tidy" },
  Tidy: { Type: "Pass", OutputPath: "$.text", Next: "Done" },
  Done: { Type: "Succeed" },
};
const ENTERED = 10;
const names = Object.keys(States).filter((name) => name !== "Free" && name !== "Done");
const chain = Object.fromEntries(names.map((name, i) => [name, { ...task, Next: names[i + 1] ?? "Done" }]));
const machineOf = (name, states) => fromAsl({ StartAt: "Read", States: states }, { name, functions: { work } });
const imported = machineOf("imported", States);
const perState = machineOf("perState", { ...chain, Done: { Type: "Succeed" } });

const engine = await openEngine({
  folder: dir,
  workflows: [imported, perState].map((workflow) => ({ workflow, handlers })),
});
async function rate(workflow, round) {
  const before = writes;
  const begun = performance.now();
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < executions; i = next++) {
      const id = `${round}-${i}`;
      await engine.start(workflow, { id, input: { n: i } });
      const { status, error } = await engine.result({ workflow, id });
      if (status !== "succeeded") throw new Error(`${workflow}/${id} ${status}: ${JSON.stringify(error)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const perSec = (executions * 1000) / (performance.now() - begun);
  return { perSec, writes: (writes - before) / executions };
}
// The first round warms both up.
await rate("imported", 0);
await rate("perState", 0);
const one = await rate("imported", 1);
const other = await rate("perState", 1);
await engine.stop();
console.log(
  JSON.stringify({
    machineStatesPerSec: one.perSec * ENTERED,
    machineRatio: one.perSec / other.perSec,
    machineWrites: one.writes,
    perStateWrites: other.writes,
  }),
);
