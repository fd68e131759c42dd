import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../local/temp-folder.ts";
import { beginDev, greetProject, pawl, pawlInside } from "./run-cli.ts";

const arrived = (id: string, detail: unknown = { name: "Ada" }) => ({
  id,
  source: "house.door",
  "detail-type": "Arrived",
  detail,
});
const done = (id: string) => ({
  execution: `greet/${id}`,
  started: true,
  status: "succeeded",
  output: { text: "Hello Ada" },
  error: null,
});

describe("pawl events send", () => {
  it("sends what a file, standard input or the argument holds, and waits with an engine of its own", async () => {
    const root = greetProject();
    writeFileSync(join(root, "one.json"), JSON.stringify(arrived("e1")));
    const send = ["events", "send", "--wait", "--json", "--file"];
    const one = await pawl(root, [...send, "@one.json"]);
    expect(one).toMatchObject({ code: 0, stderr: "" });
    expect(one.json).toStrictEqual({ events: [{ event: "e1", executions: [done("e1")], error: null }] });
    const again = await pawl(root, [...send, "one.json"]); // a file is a file without the @, too
    expect(again.json).toStrictEqual({
      events: [{ event: "e1", executions: [{ ...done("e1"), started: false }], error: null }],
    });
    const many = await pawl(root, [...send, "-"], JSON.stringify([arrived("e2"), arrived("e3", { name: "Mallory" })]));
    expect(many).toMatchObject({ code: 1, stderr: "" });
    expect(many.json).toMatchObject({
      events: [
        { event: "e2", executions: [done("e2")] },
        { event: "e3", executions: [{ execution: "greet/e3", status: "failed", error: { code: "Refused" } }] },
      ],
    });
  });

  it("sends to the engine that runs, and tells of each event what it starts", async () => {
    const root = greetProject();
    const dev = await beginDev(root);
    const send = ["events", "send", "--file"];
    const one = await pawl(root, [...send, JSON.stringify(arrived("e1"))]);
    expect(one).toMatchObject({ code: 0, stdout: "event e1\ngreet/e1 started\n" });
    await dev.says("greet/e1 succeeded in ");
    await dev.says("note/"); // by the event that greet emits

    const other = { ...arrived("e3"), "detail-type": "Left" };
    const broken = arrived("e4", { name: 7 });
    const [unmatched, mixed, wrong] = await Promise.all([
      pawl(root, [...send, JSON.stringify(other), "--json"]),
      pawl(root, [...send, JSON.stringify([arrived("e2"), other]), "--json"]),
      pawl(root, [...send, JSON.stringify([arrived("e2"), other, broken])]),
    ]);
    expect(unmatched).toMatchObject({
      code: 1,
      error: { code: "unmatched_event", message: expect.stringContaining("house.door Arrived") },
    });
    expect(mixed).toMatchObject({
      code: 1,
      json: {
        events: [{ executions: [{ execution: "greet/e2" }] }, { executions: [], error: { code: "unmatched_event" } }],
      },
      error: { code: "unmatched_event", message: expect.stringContaining("1 of 2 events") },
    });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error invalid_event: 2 of 3 events:/) });
  });

  it.each([
    ["an event without an id", JSON.stringify({ ...arrived("x"), id: undefined }), "invalid_event", "id"],
    [
      "a mistake in the second event, and sends none",
      JSON.stringify([arrived("x"), {}]),
      "invalid_event",
      "event 2 of 2",
    ],
    ["JSON that does not parse", "{", "invalid_json", "is not JSON"],
    ["no event at all", "[]", "usage", "empty"],
    ["a file that is not there", "nothing.json", "usage", "nothing.json"],
  ])("refuses %s", async (_, file, code, text) => {
    const ran = await pawlInside(["events", "send", "--root", tempFolder(), "--wait", "--json", "--file", file]);
    expect(ran).toMatchObject({ code: 2, stdout: "", error: { code, message: expect.stringContaining(text) } });
  });
});
