import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../local/temp-folder.ts";
import { pawl, repository } from "./run-cli.ts";

describe("pawl init", () => {
  // That its own test passes, test/package shows.
  it("writes a project that compiles and runs", async () => {
    const folder = tempFolder();
    const ran = await pawl(folder, ["init", "My Hello"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    for (const step of [
      "cd 'My Hello'",
      "npm install",
      "npm test",
      "npx pawl dev",
      `npx pawl start greet --input '{"name":"Ada"}' --wait`,
    ])
      expect(ran.stdout).toContain(`\n  ${step}`);

    const project = join(folder, "My Hello");
    expect(readdirSync(project).sort()).toEqual([
      ...[".gitignore", "README.md", "functions", "package.json", "test", "tsconfig.json"],
    ]);
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };
    expect(JSON.parse(readFileSync(join(project, "package.json"), "utf8"))).toMatchObject({
      name: "my-hello",
      type: "module",
      scripts: { dev: "pawl dev", test: "vitest run", types: "tsc --noEmit", start: expect.any(String) },
      dependencies: { pawl: `^${version}`, zod: expect.stringMatching(/^\^4/) },
      devDependencies: { node: expect.stringMatching(/^\^24/), vitest: expect.stringMatching(/^\^\d/) },
    });

    // What npm would install, without the network.
    mkdirSync(join(project, "node_modules"));
    for (const name of ["zod", "vitest", "@types"])
      symlinkSync(join(repository, "node_modules", name), join(project, "node_modules", name));
    symlinkSync(repository, join(project, "node_modules/pawl"));
    const tsc = [join(repository, "node_modules/typescript/bin/tsc"), "--noEmit", "--customConditions", "pawl-source"];
    execFileSync(process.execPath, tsc, { cwd: project, encoding: "utf8" });
    const ada = await pawl(project, ["start", "greet", "--input", '{"name":"Ada"}', "--wait", "--json"]);
    expect(ada.json).toMatchObject({ status: "succeeded", output: { greeting: "Welcome back, Ada!" } });
  });

  it("takes the package from where --pawl says, into the folder at hand", async () => {
    const folder = tempFolder({ "notes.md": "mine" });
    const ran = await pawl(folder, ["init", "--pawl", 'file:../a "b".tgz']);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).not.toContain("\n  cd ");
    expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).toMatchObject({
      dependencies: { pawl: 'file:../a "b".tgz' },
    });
  });

  it("refuses a folder with files that it would overwrite, naming them, and writes nothing", async () => {
    const files = { "package.json": "{}", "functions/greet/look.ts": "" };
    const folder = tempFolder(files);
    const ran = await pawl(folder, ["init"]);
    expect(ran).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error usage: .*functions\/greet\/look\.ts, package\.json/),
    });
    expect(readdirSync(folder).sort()).toEqual(["functions", "package.json"]);
    expect(readFileSync(join(folder, "package.json"), "utf8")).toBe("{}");
  });
});
