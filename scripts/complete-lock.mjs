// @ts-check
// Adds to package-lock.json the packages for other platforms that npm left out because the registry at hand does not have them: `npm ci`
// refuses a lockfile in which an optional dependency has no entry, on every platform. Run after an `npm install` that changed it.
// An entry made here has no integrity; a later install from a registry that has the package fills it in.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const OS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const CPU = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** @param {string} path @param {string} name */
function isLocked(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    if (lock.packages[`${at ? `${at}/` : ""}node_modules/${name}`]) return true;
    if (at === "") return false;
  }
}

/** @param {string} name @param {string} version @param {boolean | undefined} dev */
function entryFor(name, version, dev) {
  const words = name.slice(name.lastIndexOf("/") + 1).split("-");
  const libc = words.some((word) => word.startsWith("musl"))
    ? ["musl"]
    : words.some((word) => word.startsWith("gnu"))
      ? ["glibc"]
      : undefined;
  const cpu = words.filter((word) => CPU.includes(word));
  const os = words.filter((word) => OS.includes(word));
  if (!/^\d/.test(version) || cpu.length !== 1 || os.length !== 1)
    throw new Error(`${name}@${version}: cannot tell the platform from the name`);
  return { version, cpu, ...(dev && { dev }), ...(os[0] === "linux" && libc && { libc }), optional: true, os };
}

const added = [];
for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    lock.packages[`node_modules/${name}`] = entryFor(name, version, parent.dev);
    added.push(`${name}@${version}`);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
console.log(
  added.length ? `Added to package-lock.json:\n${added.join("\n")}` : "package-lock.json has every platform.",
);
