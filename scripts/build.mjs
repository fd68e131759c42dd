// @ts-check
// lib/ to dist/: what the package ships.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

rmSync("dist", { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
// stderr: `npm pack --json` runs this and prints its own result on stdout.
const { status } = spawnSync(process.execPath, [tsc, "--project", "tsconfig.build.json"], { stdio: ["ignore", 2, 2] });
if (status !== 0) process.exit(1);

if (existsSync("lib/cli/templates")) cpSync("lib/cli/templates", "dist/cli/templates", { recursive: true });

const command = "dist/cli/main.js";
const shebang = "#!/usr/bin/env node\n";
const source = readFileSync(command, "utf8");
if (!source.startsWith("#!")) writeFileSync(command, shebang + source);
chmodSync(command, 0o755);
