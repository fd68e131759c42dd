/** The same execution twice: of a definition, and of the workflow in the builder that is made of it. */
import { randomUUID } from "node:crypto";
import { transformSync } from "esbuild";
import * as pawl from "pawl";
import { implement } from "pawl/node";
import * as zod from "zod";
import { errorOutputOf, nameError } from "../../lib/asl/errors.ts";
import { fromAsl } from "../../lib/asl/index.ts";
import type { InBuilder } from "../../lib/asl/to-builder/index.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Program } from "../../lib/model/program.ts";
import { type HandlerMap, InProcessHandlers } from "../../lib/node/in-process.ts";
import { handOutForTests } from "../../lib/testing/test-step.ts";
import { virtualEngine } from "../../lib/testing/virtual-engine.ts";
import { behaving } from "./behaviour.ts";
import type { AslCase, Behaviour } from "./case.ts";

export interface Came {
  readonly status: string;
  readonly output?: Json;
  /** As a definition names it. */
  readonly error?: string;
  /** Of functions. */
  readonly calls: number;
}

type Files = Extract<InBuilder, { kind: "builder" }>;

/** What one of its files exports, from the texts of all. */
export function loadFile(files: Files["files"], name: string): Record<string, unknown> {
  const loaded = new Map<string, Record<string, unknown>>([
    ["pawl", pawl],
    ["zod", zod],
  ]);
  const load = (from: string): Record<string, unknown> => {
    const known = loaded.get(from);
    if (known) return known;
    const { code } = transformSync(files.get(from.slice(2)) ?? "", { loader: "ts", format: "cjs" });
    const module: { exports: Record<string, unknown> } = { exports: {} };
    new Function("module", "exports", "require", code)(module, module.exports, load);
    loaded.set(from, module.exports);
    return module.exports;
  };
  return load(`./${name}`);
}

export async function runBuilder(one: AslCase, made: Files): Promise<Came> {
  const { program } = loadFile(made.files, "workflow.ts").machine as { program: Program };
  const calls = { count: 0 };
  const handlers = Object.entries(one.functions ?? {}).flatMap(([called, behaviour]) => {
    const contract = program.nodes[made.nodes.get(called) ?? ""];
    return contract ? [[contract.node, handlerOf(contract, behaviour, calls)] as const] : [];
  });
  return run(program, Object.fromEntries(handlers), one.input ?? null, calls);
}

/** A function that throws what its node declares ends with that code, as its handler is to. */
function handlerOf(contract: Program["nodes"][string], behaviour: Behaviour, calls: { count: number }) {
  const call = behaving(behaviour);
  return implement(contract, async (input, step) => {
    calls.count++;
    try {
      return (await call(input as Json)) as never;
    } catch (error) {
      const { name, message } = error as Error;
      if (contract.errors.includes(name)) step.fail(name as never, { message });
      throw error;
    }
  });
}

export async function runDefinition(one: AslCase): Promise<Came> {
  const calls = { count: 0 };
  const functions = Object.entries(one.functions ?? {}).map(([called, behaviour], i) => {
    const contract = pawl.node(`fn${i}`, { input: zod.z.json(), output: zod.z.json() });
    const call = behaving(behaviour);
    const handler = implement(contract, (input) => {
      calls.count++;
      return call(input as Json) as never;
    });
    return { called, contract, handler };
  });
  const { program } = fromAsl(one.definition ?? one.definitionText, {
    name: "machine",
    ...(one.machineType && { type: one.machineType }),
    functions: Object.fromEntries(functions.map(({ called, contract }) => [called, contract])),
  });
  const used = functions.filter(({ contract }) => Object.hasOwn(program.nodes, contract.node));
  const handlers = Object.fromEntries(used.map(({ contract, handler }) => [contract.node, handler]));
  return run(program, handlers, one.input ?? null, calls);
}

async function run(program: Program, handlers: HandlerMap, input: Json, calls: { count: number }): Promise<Came> {
  const here = new InProcessHandlers(() => undefined, handOutForTests);
  here.add(program, handlers);
  const { engine, end } = await virtualEngine([program], { handlers: here });
  const name = { workflow: program.graph.workflow, id: randomUUID() };
  await engine.start(name.workflow, { id: name.id, input });
  const { status, error } = await end(name);
  const { output } = await engine.show(name);
  const told = error && (errorOutputOf(error) ?? errorOutputOf(nameError(error)));
  // A workflow without a definition's language tells what was thrown in its message alone.
  const thrown = error?.code === "handler_failed" ? error.message.split(": ")[0] : undefined;
  return {
    status,
    ...(output !== undefined && { output }),
    ...(error && { error: thrown ?? told?.Error ?? error.code }),
    calls: calls.count,
  };
}
