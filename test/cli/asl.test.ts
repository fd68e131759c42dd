import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFiles } from "../local/temp-folder.ts";
import { greetProject, pawl } from "./run-cli.ts";

const arn = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
const machine = {
  StartAt: "Charge",
  States: {
    Charge: { Type: "Task", Resource: arn("charge-card"), Retry: [{ ErrorEquals: ["Busy"] }], Next: "Pause" },
    Pause: { Type: "Wait", Seconds: 86_400, Next: "Tell" },
    Tell: { Type: "Task", Resource: arn("tell"), End: true },
  },
};
const yaml = `
StartAt: Charge
States:
  Charge: { Type: Task, Resource: "${arn("tell")}", End: true } # as it is
`;
const BUSY = `let calls = 0;
export const handler = async (event) => {
  if (calls++ === 0) throw Object.assign(new Error("come back"), { name: "Busy" });
  return { ...event, charged: true };
};`;

function project(): string {
  const root = greetProject();
  writeFiles(root, {
    "machine.asl.json": JSON.stringify(machine),
    "machine.asl.yaml": yaml,
    "broken.asl.json": JSON.stringify({
      StartAt: "A",
      States: { A: { Type: "Pass" }, B: { Type: "Wait", End: true } },
    }),
    "read.asl.json": JSON.stringify({
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          ItemReader: {
            Resource: "arn:aws:states:::s3:getObject",
            ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
            Parameters: { "Bucket.$": "$.bucket", Key: "people.csv" },
          },
          ItemProcessor: {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
            StartAt: "Tell",
            States: { Tell: { Type: "Task", Resource: arn("tell"), End: true } },
          },
          End: true,
        },
      },
    }),
    "s3/data/people.csv": "name\nAnn\nBo\n",
    "lambdas/charge-card.js": BUSY,
    "lambdas/tell.js": "export default (event) => { if (event.fail) throw new RangeError('no'); return event; };",
  });
  return root;
}

describe("pawl asl run", () => {
  it("runs a definition with its functions, and takes no time to wait", async () => {
    const root = project();
    const args = ["asl", "run", "machine.asl.json", "--functions", "lambdas", "--input", '{"id":7}'];
    const [told, json] = await Promise.all([pawl(root, args), pawl(root, [...args, "--json"])]);
    expect(told).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/1 {2}Charge\n.*Pause\n.*Tell\n\nSUCCEEDED/s),
    });
    expect(json.json).toEqual({
      ...{ status: "SUCCEEDED", output: { id: 7, charged: true }, lambdaCalls: 3 },
      statesEntered: ["Charge", "Pause", "Tell"],
    });
  });

  it("reads items from a folder that stands for S3, and says what to do where none does", async () => {
    const root = project();
    const args = ["asl", "run", "read.asl.json", "--functions", "lambdas", "--input", '{"bucket":"data"}', "--json"];
    const [ran, without, nowhere] = await Promise.all([
      pawl(root, [...args, "--s3", "s3"]),
      pawl(root, args),
      pawl(root, [...args, "--s3", "none"]),
    ]);
    expect(ran).toMatchObject({ code: 0, json: { status: "SUCCEEDED", output: [{ name: "Ann" }, { name: "Bo" }] } });
    expect(without).toMatchObject({ code: 2, stderr: expect.stringMatching(/name those that it may be in `buckets`/) });
    expect(nowhere).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/folder of buckets 'none' cannot be read/),
    });
  });

  it("tells what a state machine failed with, and ends with 1", async () => {
    const args = ["asl", "run", "machine.asl.yaml", "--functions", "lambdas", "--input", '{"fail":true}', "--json"];
    const ran = await pawl(project(), args);
    expect(ran).toMatchObject({ code: 1, json: { status: "FAILED", error: "RangeError" } });
    const { cause } = ran.json as { cause: string };
    expect(JSON.parse(cause)).toEqual({ errorMessage: "no", errorType: "RangeError" });
  });

  it("refuses a definition with all that is wrong with it, and a function that is not there", async () => {
    const root = project();
    const [broken, missing, nothing] = await Promise.all([
      pawl(root, ["asl", "run", "broken.asl.json"]),
      pawl(root, ["asl", "run", "machine.asl.json", "--functions", "."]),
      pawl(root, ["asl", "run", "none.asl.json"]),
    ]);
    expect(broken).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error invalid_definition: .*\/States\/A.*\/States\/B/s),
    });
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/'charge-card' has no file in '\.'/) });
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringMatching(/none\.asl\.json/) });
  });
});

describe("pawl asl import", () => {
  it("writes a definition as code of the builder, which is drawn and checked as any other, and writes nothing over", async () => {
    const root = project();
    const args = ["asl", "import", "machine.asl.json", "--to", "functions/take-money"];
    const made = await pawl(root, args);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/charge-card\.ts\n.*code of the builder/s) });
    const workflow = readFileSync(join(root, "functions/take-money/workflow.ts"), "utf8");
    expect(workflow).toContain(`.wait("pause", { for: "1 day" })`);
    const [graph, again] = await Promise.all([pawl(root, ["graph", "takeMoney"]), pawl(root, args)]);
    expect(graph.stdout).toContain('"charge: chargeCard"');
    expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/is there already/) });
  });

  it("keeps a definition where it is told to, and where the builder cannot say it, with the reasons", async () => {
    const root = project();
    const States = { A: { Type: "Pass", Parameters: { "id.$": "States.UUID()" }, End: true } };
    writeFiles(root, { "random.asl.json": JSON.stringify({ StartAt: "A", States }) });
    const [told, random] = await Promise.all([
      pawl(root, ["asl", "import", "machine.asl.json", "--to", "functions/take-money", "--keep"]),
      pawl(root, ["asl", "import", "random.asl.json", "--to", "functions/random", "--json"]),
    ]);
    expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/kept as a definition\n/) });
    const workflow = readFileSync(join(root, "functions/take-money/workflow.ts"), "utf8");
    expect(workflow).toContain(`"charge-card": chargeCard,`);
    const reasons = ["state A: it calls States.UUID"];
    const files = ["random.asl.json", "workflow.ts"].map((name) => join("functions/random", name));
    expect(random).toMatchObject({ code: 0, json: { as: "definition", files, reasons } });
    const graph = await pawl(root, ["graph", "takeMoney"]);
    expect(graph.stdout).toContain('"Charge: chargeCard"');
  });
});

describe("pawl asl export", () => {
  it("gives an imported workflow's definition back, and tells which states of others cannot be expressed", async () => {
    const root = project();
    await pawl(root, ["asl", "import", "machine.asl.json", "--to", "functions/take-money", "--keep"]);
    const [imported, own, unknown] = await Promise.all([
      pawl(root, ["asl", "export", "takeMoney"]),
      pawl(root, ["asl", "export", "greet"]),
      pawl(root, ["asl", "export", "nope"]),
    ]);
    expect(imported).toMatchObject({ code: 0, json: machine });
    expect(own).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error invalid_definition: .*function/s) });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/known: .*takeMoney/) });
  });
});

describe("pawl asl answer", () => {
  it("gives a task's token back to the engine that runs it", async () => {
    const root = project();
    const states = {
      Ask: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
        Parameters: { FunctionName: "ask", Payload: { "token.$": "$$.Task.Token" } },
        End: true,
      },
    };
    writeFiles(root, { "ask.asl.json": JSON.stringify({ StartAt: "Ask", States: states }) });
    await pawl(root, ["asl", "import", "ask.asl.json", "--to", "functions/asked"]);
    writeFiles(root, {
      "functions/asked/ask.ts": `import { writeFileSync } from "node:fs";
import { implement } from "pawl/node";
import { ask } from "./contracts.ts";
export const handler = implement(ask, (input) => {
  writeFileSync(${JSON.stringify(join(root, "token"))}, (input as { token: string }).token);
  return null;
});`,
    });
    const started = await pawl(root, ["start", "asked", "--id", "1", "--wait", "--timeout", "2s"]);
    expect(started.code).toBe(3);
    const token = readFileSync(join(root, "token"), "utf8");
    const [none, both] = await Promise.all([
      pawl(root, ["asl", "answer", "no-token", "--output", "1"]),
      pawl(root, ["asl", "answer", token, "--output", "1", "--error", "E"]),
    ]);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error invalid_id/) });
    expect(both).toMatchObject({ code: 2, stderr: expect.stringMatching(/--output, or --error/) });
    const answered = await pawl(root, ["asl", "answer", token, "--output", '{"yes":true}', "--wait", "--json"]);
    expect(answered).toMatchObject({ code: 0, json: { status: "succeeded", output: { yes: true } } });
  });
});
