import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { client } from "../../lib/client/index.ts";
import { handlerOf, writeFiles } from "../local/temp-folder.ts";
import { begin, beginDev, greetProject, pawl } from "./run-cli.ts";

const sayHello = (text: string): Record<string, string> => ({
  "functions/greet/say-hello.ts": handlerOf("sayHello", `return { text: \`${text} \${input.name}\` };`),
});

describe("pawl dev", () => {
  it("tells where it answers and what starts each workflow, takes changes in, and stops in good order", async () => {
    const root = greetProject();
    const dev = await beginDev(root);
    expect(dev.stdout).toContain("greet  started by house.door Arrived");
    expect(dev.stdout).toContain("note   started by house.door Greeted");
    const file = join(root, ".pawl/engine.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ url: dev.url, pid: dev.process.pid });
    expect(await (await fetch(`${dev.url}/api/health`)).json()).toMatchObject({
      ok: true,
      workflows: ["greet", "note"],
    });

    const greet = async (id: string) => {
      await client({ url: dev.url }).start("greet", { id, input: { name: "Ada" } });
      return await client({ url: dev.url }).result("greet", id);
    };
    expect(await greet("1")).toMatchObject({ output: { text: "Hello Ada" } });
    await dev.says("greet/1 succeeded in ");

    writeFiles(root, { "functions/greet/say-hello.ts": "export const handler = ;" });
    await dev.says("error build_failed");
    expect(await greet("2")).toMatchObject({ output: { text: "Hello Ada" } });

    writeFiles(root, sayHello("Good evening"));
    await dev.says("reloaded: greet, note");
    expect(await greet("3")).toMatchObject({ output: { text: "Good evening Ada" } });

    dev.process.kill("SIGINT");
    expect(await dev.ended).toBe(0);
    expect(existsSync(file)).toBe(false);
    expect(await pawl(root, ["show", "greet/3"])).toMatchObject({ code: 0 });
  });

  it("tells every mistake of a project at the start, and begins when they are mended", async () => {
    const root = greetProject({
      "functions/greet/say-hello.ts": 'import { gone } from "./gone.ts"; export const handler = gone;',
      "functions/note/workflow.ts": "export const nothing = 1;",
    });
    const dev = begin(root, ["dev", "--port", "0"]);
    await dev.says("watching ");
    expect(dev.stderr).toContain("the project has 2 problems");
    expect(dev.stderr).toContain("gone.ts");
    expect(dev.stderr).toContain("functions/note/workflow.ts exports no workflow");

    writeFiles(root, sayHello("Hi"));
    await dev.says("error invalid_workflow");
    writeFiles(root, {
      "functions/note/workflow.ts": `import { workflow } from "pawl";
import { z } from "zod";
export const note = workflow("note", { input: z.object({ text: z.string() }) }).set("noted", (s) => s.input.text);`,
    });
    await dev.says("note   started by pawl start note");
    dev.process.kill("SIGTERM");
    expect(await dev.ended).toBe(0);
  });

  it("stops while it waits for mistakes to be mended", async () => {
    const dev = begin(greetProject({ "functions/note/workflow.ts": "1" }), ["dev", "--port", "0"]);
    await dev.says("watching ");
    dev.process.kill("SIGINT");
    expect(await dev.ended).toBe(0);
  });

  it("refuses a port that is taken, a second engine on its folder, and a project without workflows", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const root = greetProject();
    const taken = await pawl(root, ["dev", "--port", String(port)]);
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining(`port ${port} is taken`) });
    await beginDev(root);
    expect(await pawl(root, ["dev", "--port", "0"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error data_folder_in_use: /),
    });
    const none = await pawl(root, ["dev", "--root", join(root, "functions")]);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("`pawl init`") });
  });
});
