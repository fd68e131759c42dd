// @ts-check
// Makes node_modules what package-lock.json says, and does nothing when it already is. Runs on Node 20 and needs no package: it is
// what brings the others, Node 24 among them.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const windows = process.platform === "win32";
const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, path), "utf8"));

// Contents, not times: a checkout or an edited script makes package.json newer without changing what is to be installed.
function reasonToInstall() {
  // npm writes this file last, so it is also missing after an interrupted install.
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return "node_modules is missing or incomplete";
  const manifest = readJson("package.json");
  const wanted = readJson("package-lock.json").packages;
  const installed = readJson("node_modules/.package-lock.json").packages;
  for (const field of ["dependencies", "devDependencies", "peerDependencies"]) {
    if (!isDeepStrictEqual(manifest[field], wanted[""][field]))
      return `${field} of package.json differ from package-lock.json`;
  }
  for (const [path, entry] of Object.entries(wanted)) {
    const absentIsFine = path === "" || entry.optional || entry.devOptional;
    if (installed[path] ? installed[path].integrity !== entry.integrity : !absentIsFine)
      return `${path} differs from package-lock.json`;
  }
  // An install script brings this node; where those are switched off, a Node 24 of the machine's own does as well.
  const node = versionOf(join(root, "node_modules/node/bin", windows ? "node.exe" : "node")) ?? process.versions.node;
  return Number.parseInt(node, 10) >= 24 ? undefined : `node is ${node}, not 24`;
}

/** @param {string} node */
function versionOf(node) {
  return spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim().slice(1);
}

// `npm ci` removes the node_modules from which `npm run` took the node that runs this file.
function pathWithoutModules() {
  const inModules = `${sep}node_modules${sep}`;
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !`${folder}${sep}`.includes(inModules))
    .join(delimiter);
}

const reason = reasonToInstall();
if (reason) {
  console.error(`Installing dependencies (npm ci): ${reason}`);
  const env = { ...process.env, PATH: pathWithoutModules() };
  const npm = spawnSync("npm", ["ci", "--loglevel=error"], { cwd: root, env, encoding: "utf8", shell: windows });
  if (npm.status !== 0) {
    console.error(npm.stdout, npm.stderr, npm.error ?? "");
    console.error(
      "npm ci failed: see above. After a change of package.json, run `npm install` to bring package-lock.json up to date.",
    );
    process.exit(1);
  }
  const still = reasonToInstall();
  if (still) {
    console.error(`npm ci ran, and still: ${still}. Are install scripts switched off (npm config get ignore-scripts)?`);
    process.exit(1);
  }
}
