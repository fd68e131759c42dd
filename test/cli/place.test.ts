import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LocalStore } from "../../lib/adapters/local/store.ts";
import { DATA_OPTION, ROOT_OPTION } from "../../lib/cli/options.ts";
import { addPlaceOptions, placeOf } from "../../lib/cli/place.ts";
import { tempFolder } from "../local/temp-folder.ts";
import { beginDev, greetProject, pawl, pawlInside, repository } from "./run-cli.ts";

/** Every command that can work on a deployed platform, with what it cannot do without. */
const COMMANDS = [
  ["start", ["start", "greet"]],
  ["events send", ["events", "send", "--file", '{"id":"1","source":"a.b","detail-type":"C","detail":{}}']],
  ["list", ["list"]],
  ["show", ["show", "greet/1"]],
  ["graph", ["graph"]],
  ["dead-letters", ["dead-letters"]],
  ["pause", ["pause", "greet/1"]],
  ["resume", ["resume", "greet/1"]],
  ["cancel", ["cancel", "greet/1"]],
  ["redrive", ["redrive", "greet/1"]],
  ["heal", ["heal", "--all"]],
] as const;

describe.each(COMMANDS)("pawl %s", (name, args) => {
  it.each([
    ["--platform on this machine", ["--platform", "shop"], "--platform is for --target aws"],
    ["--region on this machine", ["--target", "local", "--region", "eu-west-1"], "--region is for --target aws"],
    ["a data folder on AWS", ["--target", "aws", "--data", "x"], "--data names a data folder of this machine"],
    ["a target that there is not", ["--target", "gcp"], "local, aws"],
  ])("refuses %s, and leaves nothing behind", async (_, more, text) => {
    const root = tempFolder();
    const ran = await pawlInside([...args, ...more]);
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
    expect(ran.stderr).toMatch(/^error usage: /);
    expect(existsSync(join(root, "x"))).toBe(false);
  });

  it(`${name === "events send" ? "takes" : "refuses"} a project's folder on AWS`, async () => {
    const ran = await pawlInside([...args, "--target", "aws", "--platform", "Not One", "--root", tempFolder()]);
    const text = name === "events send" ? "the platform 'Not One' is refused" : "--root names a project";
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
  });
});

describe("the place of a command", () => {
  const placed = (...args: readonly string[]) => {
    const command = addPlaceOptions(new Command("x").option(...DATA_OPTION).option(...ROOT_OPTION));
    command.parse([...args], { from: "user" });
    return placeOf(command, { usesCode: true });
  };

  it("is this machine unless it is said otherwise, whatever the environment holds", () => {
    vi.stubEnv("PAWL_PLATFORM", "shop");
    expect(placed("--root", "/a")).toEqual({ target: "local", root: "/a", data: "/a/.pawl" });
    vi.unstubAllEnvs();
  });

  it("is a platform, with what was said of it", () => {
    expect(placed("--target", "aws", "--root", "/a")).toEqual({ target: "aws", root: "/a" });
    const named = placed("--target", "aws", "--platform", "shop", "--region", "eu-west-1");
    expect(named).toEqual({ target: "aws", root: process.cwd(), platform: "shop", region: "eu-west-1" });
  });
});

describe("what runs on this machine alone", () => {
  it("loads nothing of the AWS SDK", () => {
    const url = (file: string) => JSON.stringify(pathToFileURL(join(repository, file)).href);
    const program = `
      const loaded = [];
      const resolve = (name, context, next) => { loaded.push(name); return next(name, context); };
      process.getBuiltinModule("module").registerHooks({ resolve });
      const { client } = await import(${url("lib/client/index.ts")});
      await client({ url: "http://127.0.0.1:1" }).list().catch(() => {});
      const { run } = await import(${url("lib/cli/run.ts")});
      for (const args of [["list"], ["graph"], ["start", "x"], ["dead-letters"], ["heal", "x/1"]]) await run(args);
      const sdk = () => loaded.filter((name) => /@aws-sdk|@smithy/.test(name)).length;
      const before = sdk();
      await client({ target: "aws", platform: "No" }).list().catch(() => {});
      process.exitCode = 0;
      console.log(JSON.stringify([before, sdk() > 0]));`;
    const node = ["--conditions=pawl-source", "--input-type=module", "--eval", program];
    const told = execFileSync(process.execPath, node, { cwd: tempFolder(), encoding: "utf8", stdio: "pipe" });
    expect(JSON.parse(told)).toEqual([0, true]);
  });
});

describe("pawl with --target aws, where AWS is not reached", () => {
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
  });
  afterEach(() => void vi.unstubAllEnvs());

  it.each([
    ["no region is given", {}, "set AWS_REGION"],
    ["there are no credentials", { AWS_REGION: "eu-west-1" }, "sign in"],
    [
      "nothing answers",
      {
        ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
        AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      },
      "AWS_ENDPOINT_URL",
    ],
  ])("says that %s, and what to do", async (what, environment, todo) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    vi.stubEnv("PAWL_PLATFORM", "shop");
    for (const [, args] of COMMANDS) {
      const ran = await pawlInside(
        [...args, "--target", "aws", "--json"].filter((arg) => arg !== "--json" || args[0] !== "graph"),
      );
      expect(ran).toMatchObject({ code: 2, stdout: "" });
      expect(ran.stderr).toContain("the platform 'shop' (its table is shop-log)");
      expect(ran.stderr).toContain("platform_unreachable");
      expect(ran.stderr).toContain(what);
      expect(ran.stderr).toContain(todo);
    }
  });
});

describe("pawl dead-letters, on this machine", () => {
  it("tells of what an engine that has ended buried, and of a running one's", async () => {
    const root = greetProject();
    const folder = join(root, ".pawl");
    const store = new LocalStore(folder);
    for (const [n, queue] of ["greet.sayHello", "note"].entries())
      store.bury({ queue, body: "{}", reason: `reason ${n}`, atMs: 1_000 * n });
    store.close();
    const atRest = await pawl(root, ["dead-letters", "--json"]);
    expect(atRest).toMatchObject({ code: 0, stderr: "" });
    const first = { queue: "greet.sayHello", reason: "reason 0", at: "1970-01-01T00:00:00.000Z", body: "{}" };
    const second = { queue: "note", reason: "reason 1", at: "1970-01-01T00:00:01.000Z", body: "{}" };
    expect(atRest.json).toStrictEqual({ deadLetters: [second, first] });
    expect((await pawl(root, ["dead-letters", "greet", "--json"])).json).toStrictEqual({ deadLetters: [first] });
    await beginDev(root);
    expect((await pawl(root, ["dead-letters", "--json"])).json).toStrictEqual({ deadLetters: [second, first] });
    expect((await pawl(root, ["dead-letters", "gre"])).stdout).toBe("no dead letters\n");
  });
});
