/** Long lists in the log: written in chunks before anything refers to them, read by the chunk. */
import { chunksOf, type LongList } from "../kernel/list.ts";
import { atOnce } from "./at-once.ts";
import type { Invocation } from "./context.ts";

/** Written again they are the same. What comes to nothing refers to them, and they go with the execution. */
export async function keepLists(inv: Invocation, lists: Iterable<LongList>): Promise<void> {
  const chunks = [...lists].flatMap((list) => [...chunksOf(list)]);
  await atOnce(chunks, ([key, chunk]) => inv.log.put(inv.execution, key, chunk));
}
