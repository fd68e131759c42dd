// @ts-check
// A node's bundle as files to be weighed (.size-limit.json): what its function loads at once, and what it may load later.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { order } from "../functions/order/workflow.ts";
import { bundleLambdas } from "../lib/project/bundle-lambdas.ts";
import { findHandlersSync } from "../lib/project/find-handlers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "functions/order");
const { program } = order;
const { files } = findHandlersSync({ program, folder }, root);
const bundle = bundleLambdas({ graph: program.graph, folder, files, root }).get("reserve");
if (!bundle) throw new Error("order has no node 'reserve' any more: weigh another one");

const out = join(root, ".cache/size");
rmSync(out, { recursive: true, force: true });
for (const [name, contents] of bundle.files) {
  if (name.endsWith(".map")) continue;
  const to = join(out, bundle.atOnce.has(name) ? "at-once" : "later");
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, name), contents);
}
