/** Writes the same records over and over in large batches, a line for each that is on disk: node commit-child.ts FOLDER */
import { LocalStore } from "../../lib/adapters/local/store.ts";

const store = new LocalStore(process.argv[2] ?? "");
for (let batch = 1; ; batch++) {
  for (let n = 0; n < 200; n++) store.putRecord(`flow/${n}`, "decide/x", { kind: "decision", atMs: batch, next: [] });
  await store.sync();
  process.stdout.write(`${batch}\n`);
}
