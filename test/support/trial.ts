/** A workflow of tasks that tell where they ran, on the real engine in virtual time: what ran, with what, under which key. */
import { z } from "zod";
import { node } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Workflow } from "../../lib/model/types.ts";
import { implement } from "../../lib/node/index.ts";
import { testWorkflow } from "../../lib/testing/index.ts";

const text = { input: z.json(), output: z.string(), retry: { maxAttempts: 1 } };
export const a = node("a", { ...text, inline: true, repeatable: true });
export const b = node("b", { ...text, errors: ["Declined"] });
export const c = node("c", text);
export const undoB = node("undoB", { input: z.json(), output: z.string() });

export interface Ran {
  readonly execution: string;
  readonly path: string;
  readonly key: string;
  /** The key of the step that it undoes. */
  readonly undoes: string | undefined;
  readonly input: Json;
}

/** Each step gives its input and its state's name; those in `fails` fail instead. */
export async function trial(of: Workflow<string, unknown>, ...calls: readonly Workflow<string, unknown>[]) {
  const ran: Ran[] = [];
  const fails = new Set<string>();
  const handler = (declared: typeof b) =>
    implement(declared, (input, step) => {
      const { execution, path, idempotencyKey: key } = step;
      ran.push({ execution, path, key, undoes: step.undoes?.idempotencyKey, input });
      if (fails.has(path)) step.fail("Declined");
      return `${typeof input === "string" ? input : JSON.stringify(input)}>${path.split("/").at(-1)}`;
    });
  const known: Readonly<Record<string, unknown>> = { a, b, c, undoB };
  const handlersOf = ({ program }: Workflow<string, unknown>) =>
    Object.fromEntries(Object.keys(program.nodes).map((name) => [name, handler(known[name] as typeof b)]));
  const test = await testWorkflow(of, {
    handlers: handlersOf(of),
    calls: calls.map((workflow) => ({ workflow, handlers: handlersOf(workflow) })),
  });
  return {
    test,
    ran,
    fails,
    pathsIn: (execution: string) => ran.filter((r) => r.execution === execution).map(({ path }) => path),
    async fork(source: { readonly execution: string }, from: string, more: { id?: string; input?: Json } = {}) {
      return test.end(await test.control(source, { kind: "fork", from, id: "2", ...more }));
    },
  };
}
