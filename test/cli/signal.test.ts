import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { serve } from "../../lib/cli/serve.ts";
import { type Client, client } from "../../lib/client/index.ts";
import { openProject } from "../../lib/local/open-project.ts";
import { tempProject, until } from "../local/temp-folder.ts";
import { pawlInside } from "./run-cli.ts";

/** `ask` reserves, calls `look`, waits for an answer, and releases when it is not to be; the release fails for Mallory. */
const asking = (): string =>
  tempProject({
    "functions/ask/contracts.ts": `import { contract, node, signal } from "pawl";
import { z } from "zod";
export const Who = z.object({ name: z.string() });
export const reserve = node("reserve", { input: Who, output: Who });
export const release = node("release", { input: Who.nullable(), errors: ["Gone"], retry: { firstDelay: "0.01 seconds", rate: 1 } });
export const answer = signal("answer", { data: z.object({ yes: z.boolean() }) });
export const look = contract("look", { input: Who, output: z.string() });
`,
    "functions/ask/workflow.ts": `import { workflow } from "pawl";
import { answer, look, release, reserve, Who } from "./contracts.ts";
export const ask = workflow("ask", { input: Who })
  .task(reserve, { undo: release })
  .call(look, { input: (s) => s.reserve })
  .race("first", {
    told: (b) => b.waitFor(answer, { timeout: "2 days" }),
    late: (b) => b.wait("nap", { for: "1 day" }),
  });
`,
    "functions/ask/reserve.ts": `import { implement } from "pawl/node";
import { reserve } from "./contracts.ts";
export const handler = implement(reserve, (who) => who);
`,
    "functions/ask/release.ts": `import { implement } from "pawl/node";
import { release } from "./contracts.ts";
export const handler = implement(release, (who, step) => (who?.name === "Mallory" ? step.fail("Gone") : null));
`,
    "functions/look/workflow.ts": `import { workflow } from "pawl";
import { Who } from "../ask/contracts.ts";
export const look = workflow("look", { input: Who }).set("seen", (s) => \`saw \${s.input.name}\`);
`,
  });

const quiet = { onLog: () => {}, onError: () => {}, onOutput: () => {} };

async function runningIn(root: string): Promise<{ readonly engine: Client; readonly url: string }> {
  const folder = join(root, ".pawl");
  const served = await serve(await openProject({ root, folder, ...quiet }), { folder, port: 0 });
  onTestFinished(() => served.close());
  return { engine: client({ url: served.url }), url: served.url };
}

describe("pawl signal, show and cancel --no-undo, beside a running engine", () => {
  it("tell what an execution waits for, give it that, and say what cannot be", async () => {
    const root = asking();
    const { engine, url } = await runningIn(root);
    const here = async (...args: string[]) => {
      const ran = await pawlInside([...args, "--data", join(root, ".pawl")]);
      return { ...ran, stdout: ran.stdout.replaceAll(` --data ${join(root, ".pawl")}`, "") };
    };
    const begun = async (id: string, name = "Ada") => {
      await engine.start("ask", { id, input: { name } });
      await until(async () => (await engine.show("ask", id)).steps.some(({ wait }) => wait?.signal === "answer"));
    };
    await begun("1");
    const shown = (await here("show", "ask/1")).stdout;
    expect(shown).toMatch(/^look +call +succeeded +\S+ m?s +look\/[0-9a-f]{40} succeeded, "saw Ada"$/m);
    expect(shown).toMatch(/^first\/told\/answer +waitFor +waiting +for the signal 'answer', until \d{4}-/m);
    expect(shown).toMatch(/^first\/late\/nap +wait +waiting +until \d{4}-/m);
    expect(shown).toMatch(/^first +race +running *$/m);
    const child = (await engine.show("ask", "1")).steps.find(({ called }) => called)?.called?.execution ?? "";
    expect((await here("show", child)).stdout).toMatch(/^ +called +by ask\/1 at look$/m);

    const yes = ["--input", '{"yes":true}'];
    expect(await here("signal", "ask/1", "anser", ...yes)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error unknown_signal: .*'anser'.*: answer\n/),
    });
    expect(await here("signal", "ask/1", "answer", "--json")).toMatchObject({
      code: 2,
      error: { code: "invalid_signal" },
    });
    const posted = async (signal: string, data: unknown) => {
      const body = JSON.stringify({ signal, data });
      const headers = { "content-type": "application/json" };
      return (await fetch(`${url}/api/executions/ask/1/signal`, { method: "POST", headers, body })).status;
    };
    expect(await Promise.all([posted("anser", {}), posted("answer", { yes: "no" })])).toEqual([404, 400]);
    const told = await here("signal", "ask/1", "answer", ...yes, "--id", "mail-1", "--wait");
    expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ask\/1 succeeded\n[\s\S]*"told"/) });
    const after = (await here("show", "ask/1")).stdout;
    expect(after).toMatch(/^first +race +succeeded +\S+ m?s +→ told$/m);
    expect(after).toMatch(/^first\/late\/nap +wait +closed/m);
    expect(await here("signal", "ask/1", "answer", ...yes)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error invalid_status/),
    });

    await Promise.all([begun("2"), begun("3")]);
    const dry = await here("signal", "--workflow", "ask", "answer", ...yes, "--dry-run");
    expect(dry.stdout).toMatch(/\n2 executions\n$/);
    expect(await here("signal", "answer", "--workflow", "ask", ...yes)).toMatchObject({
      code: 0,
      stdout: "signal: carried out for 2 of 2 executions\n",
    });
    for (const id of ["2", "3"]) expect(await engine.result("ask", id)).toMatchObject({ status: "succeeded" });

    await begun("m", "Mallory");
    await here("cancel", "ask/m");
    const result = await engine.result("ask", "m", { timeout: "50 seconds" });
    expect(result).toMatchObject({ status: "stuck", error: { code: "Gone", path: "reserve/undo" } });
    const stuck = (await here("show", "ask/m")).stdout;
    expect(stuck).toMatch(/^ask\/m stuck\n/);
    expect(stuck).toMatch(/^ +stuck +Gone at reserve\/undo/m);
    expect(stuck).toMatch(/^ +next +go on .*`pawl redrive ask\/m`; .*`pawl cancel ask\/m --no-undo`$/m);
    expect(stuck).toMatch(/^reserve\/undo +task +failed +\d+ +\S+ m?s +undoes reserve, Gone/m);
    expect((await here("list", "--status", "stuck")).stdout).toMatch(/^ask\/m +stuck .* Gone at reserve\/undo$/m);
    expect(await here("cancel", "ask/m")).toMatchObject({ code: 2, stderr: expect.stringMatching(/invalid_status/) });
    expect(await here("cancel", "ask/m", "--no-undo", "--wait")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ask\/m cancelled\n/),
    });
  });
});

describe("pawl signal", () => {
  it.each([
    ["no signal", ["signal", "ask/1"], "say which signal"],
    ["no execution", ["signal", "answer"], "say which signal"],
    ["two things", ["signal", "ask/1", "answer", "--all"], "say what to signal"],
    ["data that is no JSON", ["signal", "ask/1", "answer", "--input", "yes"], "is not JSON"],
    ["an execution of no form", ["signal", "1042", "answer"], "WORKFLOW/ID"],
  ] as const)("refuses %s", async (_, args, text) => {
    const ran = await pawlInside([...args, "--root", asking()]);
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
  });

  it("shows by examples how it is meant", async () => {
    const ran = await pawlInside(["signal", "--help"]);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/Examples:\n +\$ pawl signal order\/1042/) });
  });
});
