/**
 * One request for many executions, told line by line as JSON: `{progress}` as it goes on, and last `{result}`, or
 * `{error}` where the engine could not go on. Nobody else is asked once the caller has hung up.
 */
import { type ControlProgress, controlMany } from "../engine/control-many.ts";
import type { Engine } from "../engine/engine.ts";
import { executionsPage } from "./executions-page.ts";
import { errorBody } from "./http-errors.ts";
import type { manyIn } from "./http-requests.ts";

interface Lines {
  write(text: string): Promise<unknown>;
  onAbort(listener: () => void): void;
}

export async function controlLines(
  engine: Pick<Engine, "list" | "ask">,
  { request, ...asked }: ReturnType<typeof manyIn>,
  lines: Lines,
): Promise<void> {
  const hungUp = new AbortController();
  lines.onAbort(() => hungUp.abort());
  const write = (line: unknown) => lines.write(`${JSON.stringify(line)}\n`);
  const onProgress = (progress: ControlProgress) => void write({ progress });
  const controls = {
    list: (query: object) => executionsPage(engine, query),
    ask: engine.ask.bind(engine),
  };
  try {
    await write({ result: await controlMany(controls, request, { ...asked, onProgress, signal: hungUp.signal }) });
  } catch (error) {
    await write(errorBody(error).body);
  }
}
