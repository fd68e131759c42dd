import type { DeployedPlace, Place } from "./place.ts";
import { newestLetters, type View, viewOf } from "./view.ts";

/** Reads what a place holds. A local one loads none of the AWS SDK, and a deployed one nothing of the engine. */
export async function viewPlace<T>(place: Place, read: (view: View) => Promise<T>): Promise<T> {
  if (place.target === "local") return (await import("./data-folder.ts")).viewDataFolder(place.data, read);
  return read(await viewPlatform(place));
}

async function viewPlatform({ root: _, ...platform }: DeployedPlace): Promise<View> {
  const { client } = await import("../client/index.ts");
  const { openPlatform } = await import("../adapters/aws/platform.ts");
  return {
    ...viewOf(client(platform)),
    graph: (_, hash) => openPlatform(platform).log.graph(hash),
    async deadLetters(query) {
      const { workflow, limit } = query;
      const opened = openPlatform(platform);
      const workflows = workflow === undefined ? [...(await opened.workflows()).keys()] : [workflow];
      const all = await Promise.all(workflows.map((name) => opened.deadLetters(name, limit)));
      return newestLetters(all.flat(), { limit });
    },
  };
}
