/** Holds a data folder until it is killed: node hold-child.ts FOLDER [write]. */
import { LocalStore } from "../../lib/adapters/local/store.ts";

const [folder = "", write] = process.argv.slice(2);
const store = new LocalStore(folder);
if (write) store.putRecord("flow/2", "step/x", { kind: "decision", atMs: 0, next: [], values: { text: "last" } });
await store.sync();
process.stdout.write("held\n");
setInterval(() => {}, 1000);
