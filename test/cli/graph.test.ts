import { describe, expect, it } from "vitest";
import { greetProject, pawl, repository } from "./run-cli.ts";

describe("pawl graph", () => {
  it("draws one workflow, or the system, from the project's files", async () => {
    const root = greetProject();
    const [one, all, json, system] = await Promise.all([
      pawl(root, ["graph", "greet"]),
      pawl(root, ["graph", "--format", "mermaid"]),
      pawl(root, ["graph", "greet", "--format", "json"]),
      pawl(root, ["graph", "--format", "json"]),
    ]);
    expect(one).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^flowchart TD\n[\s\S]*"sayHello"/),
    });
    expect(all.stdout).toContain('w_greet_emitGreeted -.->|"Greeted"| w_note__start');
    expect(json.json).toMatchObject({ workflow: "greet", nodes: { sayHello: {} }, root: { start: "sayHello" } });
    const edge = { from: "greet", state: "emitGreeted", event: { source: "house.door", type: "Greeted" }, to: "note" };
    expect(system.json).toMatchObject({ workflows: { greet: json.json, note: {} }, edges: [edge] });
  });

  it("draws what can be drawn beside a mistake, and tells the mistake otherwise", async () => {
    const root = greetProject({ "functions/note/workflow.ts": "export const nothing = 1;" });
    const [good, bad, all, unknown, format] = await Promise.all([
      pawl(root, ["graph", "greet"]),
      pawl(root, ["graph", "note"]),
      pawl(root, ["graph"]),
      pawl(greetProject(), ["graph", "nope"]),
      pawl(root, ["graph", "greet", "--format", "svg"]),
    ]);
    expect(good).toMatchObject({ code: 0, stderr: "" });
    for (const ran of [bad, all])
      expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error invalid_workflow: /) });
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error unknown_workflow: .*known: greet, note/),
    });
    expect(format).toMatchObject({ code: 2, stderr: expect.stringMatching(/mermaid, json/) });
  });

  it("draws this repository's own system with the event from order to crm", async () => {
    const ran = await pawl(repository, ["graph"]);
    expect(ran.stdout).toContain('w_order_emitOrderShipped -.->|"OrderShipped"| w_crm__start');
  });
});
