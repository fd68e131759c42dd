/** The agent with a model that plays what was written for it, and with one behind HTTP. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { testStep, testWorkflow } from "pawl/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handler as addUp } from "../../functions/agent/add-up.ts";
import { chatCompletions } from "../../functions/agent/chat-completions.ts";
import { type Message, Question } from "../../functions/agent/contracts.ts";
import { handler as lookUpDelivery } from "../../functions/agent/look-up-delivery.ts";
import type { Model } from "../../functions/agent/model.ts";
import { rehearsedModel } from "../../functions/agent/rehearsed-model.ts";
import { samples } from "../../functions/agent/samples.ts";
import { handler as searchCatalogue } from "../../functions/agent/search-catalogue.ts";
import { handler as think, thinkWith } from "../../functions/agent/think.ts";
import { agent } from "../../functions/agent/workflow.ts";

const tools = { searchCatalogue, addUp, lookUpDelivery };
const all = await samples();
const ask = (text: string) => ({ questionId: "q-0001", text });

describe("agent", async () => {
  const t = await testWorkflow(agent, { handlers: { think, ...tools } });

  for (const sample of all) {
    it(`ends as expected: ${sample.name}`, async () => {
      const execution = await t.start(Question.parse(sample.event.detail));
      expect({ status: execution.status, code: execution.error?.code }).toEqual({ code: undefined, ...sample.expect });
    });
  }

  it.each([
    [
      "What do three stoneware mugs cost, and how long do they take to Lyon?",
      3,
      "Three stoneware mugs are €38.70. To France: 5 days, €8.99 a box and €0.90 a kilogram.",
    ],
    ["What does the golden mug MUG-999 cost?", 3, "There is none: no article is called 'golden mug'."],
    ["Hello! Are you a person?", 1, "No, a program. What can I do for you?"],
    ["What is love?", 1, "I have not rehearsed that."],
  ])("answers with what its tools gave: %s", async (text, turns, answer) => {
    expect((await t.start(ask(text))).output).toEqual({ answer, turns });
  });

  it("makes each turn a step, and each tool of a turn one that runs beside the others", async () => {
    const { history } = await t.start(ask("What do three stoneware mugs cost, and how long do they take to Lyon?"));
    const steps = history.filter(({ kind }) => kind === "attempt").map(({ path }) => path);
    expect(steps.toSorted()).toEqual([
      "chat/1/think",
      "chat/1/tools/0/tool/search/searchCatalogue",
      "chat/2/think",
      "chat/2/tools/0/tool/addUp/addUp",
      "chat/2/tools/1/tool/delivery/lookUpDelivery",
      "chat/3/think",
    ]);
  });

  it("tells the model of a tool that failed or that there is not, and asks it again", async () => {
    const asked: (readonly Message[])[] = [];
    const script = rehearsedModel({
      go: [
        {
          text: "",
          calls: [
            { tool: "addUp", id: "1", lines: [{ sku: "NOT-001", quantity: 1 }] },
            { tool: "none", id: "2", text: "there is no such tool" },
          ],
        },
        { text: "Never mind.", calls: [] },
      ],
    });
    const model: Model = {
      next: async (messages, of) => {
        asked.push(messages);
        return script.next(messages, of);
      },
    };
    const own = await testWorkflow(agent, { handlers: { ...tools, think: thinkWith(model) } });
    expect((await own.start(ask("go"))).output).toEqual({ answer: "Never mind.", turns: 2 });
    expect(asked[1]?.slice(2)).toEqual([
      { role: "tool", call: "1", text: expect.stringMatching(/^it failed: UnknownArticle: \["NOT-001"\]/) },
      { role: "tool", call: "2", text: "there is no such tool" },
    ]);
  });
});

describe("its tools", () => {
  it("finds at most five articles, the cheapest first, in which all words are", async () => {
    const found = await searchCatalogue.run({ words: "MUG" }, testStep());
    expect(found.text.split("\n")).toEqual([
      "MUG-004 Enamel mug, white: €9.90",
      "MUG-001 Stoneware mug, 300 ml: €12.90",
      "MUG-003 Travel mug, steel: €24.90",
      "MUG-002 Espresso cup, set of four: €28.90",
    ]);
    expect((await searchCatalogue.run({ words: "a" }, testStep())).text.split("\n")).toHaveLength(5);
  });
  it("adds up, and ends with UnknownArticle for one that is not there", async () => {
    const lines = [{ sku: "MUG-001", quantity: 2 }];
    expect(await addUp.run({ lines: [...lines, { sku: "TEA-002", quantity: 1 }] }, testStep())).toEqual({
      text: "€40.70",
    });
    await expect(addUp.run({ lines: [...lines, { sku: "X", quantity: 1 }] }, testStep())).rejects.toMatchObject({
      code: "UnknownArticle",
      data: ["X"],
    });
  });
  it.each([
    ["DE", "2 days"],
    ["FR", "5 days"],
    ["VN", "14 days"],
  ])("knows the delivery to %s", async (country, days) => {
    expect((await lookUpDelivery.run({ country }, testStep())).text).toContain(days);
  });
});

describe("a model behind HTTP", () => {
  const seen: { readonly headers: IncomingHttpHeaders; readonly body: Record<string, unknown> }[] = [];
  let answers: { readonly status: number; readonly body: unknown }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      seen.push({ headers: request.headers, body: JSON.parse(body) });
      const answer = answers.shift() ?? { status: 500, body: "nothing more" };
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  });
  let url = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const says = (content: string | null, ...calls: readonly [name: string, args: string][]) => ({
    status: 200,
    body: {
      choices: [
        {
          message: {
            content,
            tool_calls: calls.map(([name, args], i) => ({ id: `call${i}`, function: { name, arguments: args } })),
          },
        },
      ],
    },
  });

  it("is told of the tools and of all that was said, and asked again after a failure under the same key", async () => {
    answers = [
      says(null, ["search", '{"words":"mug"}'], ["search", "{"], ["book", "{}"], ["delivery", '{"country":7}']),
      { status: 503, body: "busy" },
      says("These."),
    ];
    const model = chatCompletions({ url, model: "small", key: "k" });
    const t = await testWorkflow(agent, { handlers: { ...tools, think: thinkWith(model) } });
    expect((await t.start(ask("mugs?"))).output).toEqual({ answer: "These.", turns: 2 });

    const [first, failed, second] = seen;
    expect(first).toMatchObject({ headers: { authorization: "Bearer k" }, body: { model: "small" } });
    expect(first?.body.tools).toMatchObject([
      { function: { name: "search", parameters: { type: "object", required: ["words"] } } },
      { function: { name: "addUp" } },
      { function: { name: "delivery" } },
    ]);
    expect(failed?.headers["idempotency-key"]).toBe(second?.headers["idempotency-key"]);
    expect(first?.headers["idempotency-key"]).not.toBe(second?.headers["idempotency-key"]);
    const refused = (name: string) => expect.stringMatching(`^'${name}' cannot be called like this: `);
    expect(second?.body.messages).toMatchObject([
      { role: "system" },
      { role: "user", content: "mugs?" },
      {
        role: "assistant",
        tool_calls: [{ id: "call0", function: { name: "search", arguments: '{"words":"mug"}' } }, {}, {}, {}],
      },
      { role: "tool", tool_call_id: "call0", content: expect.stringMatching(/Enamel mug/) },
      { role: "tool", tool_call_id: "call1", content: refused("search") },
      { role: "tool", tool_call_id: "call2", content: refused("book") },
      { role: "tool", tool_call_id: "call3", content: refused("delivery") },
    ]);
  });
});
