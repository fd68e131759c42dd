/** Tasks that wait until somebody gives back their token. */
import { node } from "pawl";
import { fromAsl, parseToken } from "pawl/asl";
import { implement } from "pawl/node";
import { testWorkflow } from "pawl/testing";
import { expect, it } from "vitest";
import { z } from "zod";

const ask = node("ask", { input: z.json(), output: z.json() });
const Resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
const task = (more: object) => ({
  Type: "Task",
  Resource,
  Parameters: { FunctionName: "ask", Payload: { "token.$": "$$.Task.Token", "about.$": "$" } },
  ...more,
});

async function machine(States: Record<string, object>) {
  const definition = { StartAt: Object.keys(States)[0], States };
  const given: { token: string; about: unknown }[] = [];
  const handlers = {
    ask: implement(ask, (input) => {
      given.push(input as { token: string; about: unknown });
      return "nobody reads this";
    }),
  };
  const t = await testWorkflow(fromAsl(definition, { name: "machine", functions: { ask } }), { handlers });
  return { t, given };
}

it("go on with what they are answered, as the state's result", async () => {
  const { t, given } = await machine({
    Ask: task({ ResultSelector: { "yes.$": "$.approved" }, ResultPath: "$.answer", Next: "Done" }),
    Done: { Type: "Pass", End: true },
  });
  const begun = await t.begin({ n: 1 }, { id: "1" });
  expect(begun.status).toBe("running");
  expect(given).toEqual([{ token: expect.any(String), about: { n: 1 } }]);
  const { workflow, id, signal } = parseToken(given[0]?.token ?? "");
  expect({ workflow, id }).toEqual({ workflow: "machine", id: "1" });
  const after = await t.signal(begun, signal, { output: { approved: true } });
  expect(after).toMatchObject({ status: "succeeded", output: { n: 1, answer: { yes: true } } });
});

it("take an input for no answer, whatever its fields are called", async () => {
  const { t, given } = await machine({ Ask: task({ ResultPath: "$.answer", End: true }) });
  const input = { input: 1, made: { output: 2 } };
  const begun = await t.begin(input);
  const after = await t.signal(begun, parseToken(given[0]?.token ?? "").signal, { output: 3 });
  expect(after.output).toEqual({ ...input, answer: 3 });
});

it("wait each for its own, in whichever order the answers come", async () => {
  const processor = { StartAt: "Ask", States: { Ask: task({ End: true }) } };
  const { t, given } = await machine({ Each: { Type: "Map", ItemProcessor: processor, End: true } });
  const begun = await t.begin(["a", "b", "c"]);
  for (const { token, about } of given.toReversed())
    await t.signal(begun, parseToken(token).signal, { output: `to ${String(about)}` });
  expect((await t.show(begun)).output).toEqual(["to a", "to b", "to c"]);
});

it("fail with what they are told, or when their time is over, and are caught so", async () => {
  const states = {
    Ask: task({
      TimeoutSeconds: 60,
      Catch: [
        { ErrorEquals: ["States.Timeout"], ResultPath: "$.late", Next: "Done" },
        { ErrorEquals: ["Refused"], ResultPath: "$.refused", Next: "Done" },
      ],
      End: true,
    }),
    Done: { Type: "Pass", End: true },
  };
  const { t, given } = await machine(states);
  const late = await t.end(await t.begin({ n: 1 }));
  expect(late).toMatchObject({ status: "succeeded", output: { n: 1, late: { Error: "States.Timeout" } } });
  const begun = await t.begin({ n: 2 });
  const { signal } = parseToken(given[1]?.token ?? "");
  const refused = await t.signal(begun, signal, { error: "Refused", cause: "no money" });
  expect(refused.output).toEqual({ n: 2, refused: { Error: "Refused", Cause: "no money" } });
  const other = await t.begin({ n: 3 });
  const odd = await t.signal(other, parseToken(given[2]?.token ?? "").signal, { error: "Odd" });
  expect(odd).toMatchObject({ status: "failed", error: { code: "Odd" } });
});

it("come again in a loop, with a token of their own each time", async () => {
  const { t, given } = await machine({
    Ask: task({ ResultPath: "$.more", Next: "More?" }),
    "More?": { Type: "Choice", Choices: [{ Variable: "$.more", BooleanEquals: true, Next: "Ask" }], Default: "Done" },
    Done: { Type: "Succeed" },
  });
  const begun = await t.begin({});
  await t.signal(begun, parseToken(given[0]?.token ?? "").signal, { output: true });
  const after = await t.signal(begun, parseToken(given[1]?.token ?? "").signal, { output: false });
  expect(after).toMatchObject({ status: "succeeded", output: { more: false } });
  expect(new Set(given.map(({ token }) => token)).size).toBe(2);
});

it("take no answer of another form, and a token is none that is made up", async () => {
  const { t, given } = await machine({ Ask: task({ End: true }) });
  const begun = await t.begin({});
  const { signal } = parseToken(given[0]?.token ?? "");
  await expect(t.signal(begun, signal, { approved: true })).rejects.toMatchObject({ code: "invalid_signal" });
  await expect(t.signal(begun, "other:Ask", { output: 1 })).rejects.toMatchObject({ code: "unknown_signal" });
  expect(() => parseToken("made up")).toThrow(expect.objectContaining({ code: "invalid_id" }));
});
