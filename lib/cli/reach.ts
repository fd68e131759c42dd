/** What a command works with, by where it works. Each place loads what it needs: a local one none of the AWS SDK. */
import type { Place } from "./place.ts";
import type { ReachedEngine, ReachOptions } from "./reached-engine.ts";

export async function reach(place: Place, options: ReachOptions): Promise<ReachedEngine> {
  if (place.target === "aws") return (await import("./reach-platform.ts")).reachPlatform(place, options);
  return (await import("./reach-engine.ts")).reachEngine(place, options);
}
