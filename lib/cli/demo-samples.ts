/**
 * A project's samples: `functions/<workflow>/samples.ts` exports `samples()`, events with what people tell their executions
 * and how these end.
 */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { EventBridgeEvent } from "../client/index.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import { messageOf, PawlError } from "../errors.ts";
import type { Json } from "../model/json.ts";
import type { Project } from "../project/load-project.ts";

/** How an execution must end. */
export interface Expected {
  readonly status: "succeeded" | "failed";
  /** The code of the error, when it must fail. */
  readonly code?: string | undefined;
}
/** A signal that somebody sends. */
export interface Told {
  readonly signal: string;
  readonly data: Json;
  /** After what was told before, or the start. */
  readonly afterSeconds?: number | undefined;
}
export interface Sample {
  readonly workflow: string;
  readonly name: string;
  readonly event: EventBridgeEvent;
  readonly people?: readonly Told[] | undefined;
  readonly expect: Expected;
}

const Samples = z.array(
  z.object({
    name: z.string(),
    event: z.custom<EventBridgeEvent>((event) => typeof event === "object" && event !== null),
    people: z
      .array(z.object({ signal: z.string(), data: z.json(), afterSeconds: z.number().min(0).optional() }))
      .optional(),
    expect: z.object({ status: z.enum(["succeeded", "failed"]), code: z.string().optional() }),
  }),
);

/** @throws PawlError `usage` when a file cannot be loaded or gives something else, or there is no sample at all */
export async function loadSamples({ root, workflows }: Project): Promise<readonly Sample[]> {
  const all: Sample[] = [];
  for (const { folder, program } of workflows) {
    const file = join(folder, "samples.ts");
    if (!existsSync(file)) continue;
    const { workflow } = program.graph;
    for (const sample of await samplesIn(file, relative(root, file))) all.push({ workflow, ...sample });
  }
  if (all.length > 0) return all;
  throw new PawlError("usage", "no workflow has samples: functions/<workflow>/samples.ts exports samples()", { root });
}

async function samplesIn(file: string, name: string): Promise<z.infer<typeof Samples>> {
  let given: unknown;
  try {
    const loaded = (await import(pathToFileURL(file).href)) as { readonly samples?: () => Promise<unknown> };
    given = await loaded.samples?.();
  } catch (error) {
    throw new PawlError("usage", `the samples of ${name} cannot be loaded: ${messageOf(error)}`, { file: name }, error);
  }
  const parsed = Samples.safeParse(given);
  if (parsed.success) return parsed.data;
  const problem = schemaProblem(parsed.error);
  throw new PawlError(
    "usage",
    `${name} exports no samples(): Promise<{ name, event, people?, expect }[]>: ${problem}`,
    {
      file: name,
    },
  );
}
