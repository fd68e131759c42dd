/** What a command works with, by where it works. Each place loads what it needs: a local one none of the AWS SDK. */
import type { Client } from "../client/index.ts";
import type { Place } from "./place.ts";
import type { ReachedEngine, ReachOptions } from "./reached-engine.ts";

/** Without an engine of one's own. */
export async function reachClient(place: Place): Promise<Client> {
  if (place.target === "local") return (await import("./reach-engine.ts")).runningEngine(place);
  const { root: _, ...platform } = place;
  return (await import("../client/index.ts")).client(platform);
}

export async function reach(place: Place, options: ReachOptions): Promise<ReachedEngine> {
  if (place.target === "aws") return (await import("./reach-platform.ts")).reachPlatform(place, options);
  return (await import("./reach-engine.ts")).reachEngine(place, options);
}
