/**
 * Makes .cache/ministack a Python environment with what requirements.txt lists, and does nothing when it already is one. A machine
 * that cannot have it gets the reason: everything but the tests on AWS's wire format runs without Python.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const home = fileURLToPath(new URL("../../../.cache/ministack", import.meta.url));
const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
/** Written last, so it is also missing after an interrupted install. */
const installed = join(home, "installed.txt");
const python = process.platform === "win32" ? join(home, "Scripts", "python.exe") : join(home, "bin", "python");

export type Installation =
  | { readonly kind: "installed"; readonly python: string }
  | { readonly kind: "absent"; readonly reason: string };

export function install(): Installation {
  const wanted = readFileSync(requirements, "utf8");
  const why = reasonToInstall(wanted);
  if (!why) return { kind: "installed", python };
  const base = ["python3", "python"].find(canMakeEnvironment);
  if (!base) return { kind: "absent", reason: "Python 3.10 or newer with its venv module is not on PATH" };
  console.log(`Installing the AWS stand-in for tests (pip, into .cache/ministack): ${why}`);
  rmSync(home, { recursive: true, force: true });
  const problem =
    run(base, ["-m", "venv", home]) ??
    run(python, ["-m", "pip", "install", "--quiet", "--no-input", "--only-binary=:all:", "-r", requirements]);
  if (problem) return { kind: "absent", reason: `its install failed: ${problem}` };
  writeFileSync(installed, wanted);
  return { kind: "installed", python };
}

// Contents, not times: a checkout makes requirements.txt newer without changing what is to be installed.
function reasonToInstall(wanted: string): string | undefined {
  // The link to a Python that has been removed since does not exist either.
  if (!existsSync(installed) || !existsSync(python)) return "it is missing or incomplete";
  return readFileSync(installed, "utf8") === wanted ? undefined : "requirements.txt has changed";
}

function canMakeEnvironment(command: string): boolean {
  const check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
  return spawnSync(command, ["-c", check]).status === 0;
}

/** What went wrong, if anything did. */
function run(command: string, args: readonly string[]): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? `${stdout}${stderr}`.trim().split("\n").slice(-5).join("\n"));
}
