import { type Client, client } from "../client/index.ts";
import { readEngineFile } from "../local/engine-file.ts";

/** A client of the engine that runs on this data folder, if one does. */
export async function findEngine(folder: string): Promise<Client | undefined> {
  const file = await readEngineFile(folder);
  return file && client({ url: file.url });
}
