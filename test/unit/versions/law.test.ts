/** What `compareVersions` calls safe is so: executions in flight on the older graph end on the newer code. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../../../lib/adapters/single-process/step-log.ts";
import { SingleProcessTransport } from "../../../lib/adapters/single-process/transport.ts";
import { Engine } from "../../../lib/engine/engine.ts";
import { node, workflow } from "../../../lib/index.ts";
import type { Json } from "../../../lib/model/json.ts";
import type { Program, Slot } from "../../../lib/model/program.ts";
import { implement } from "../../../lib/node/implement.ts";
import { InProcessHandlers } from "../../../lib/node/in-process.ts";
import { worstOf } from "../../../lib/versions/change.ts";
import { compareVersions } from "../../../lib/versions/compare.ts";
import { DEEP } from "../../support/deep.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** What a node's contract is, in a version. */
const SCHEMAS: readonly z.ZodType<Json>[] = [
  z.object({ a: z.string() }),
  z.object({ a: z.string(), b: z.int() }),
  z.object({ a: z.string().nullable() }),
];
const VALUES = [{ a: "x" }, { a: "x", b: 1 }, { a: null }];
type Piece =
  | { readonly kind: "task"; readonly name: string; readonly node: string; readonly reads: string | null }
  | { readonly kind: "set"; readonly name: string }
  | { readonly kind: "choice"; readonly name: string; readonly branches: readonly string[]; readonly take: number }
  | { readonly kind: "wait"; readonly name: string }
  | {
      readonly kind: "nest";
      readonly name: string;
      readonly form: "block" | "loop" | "race" | "map" | "parallel";
      readonly node: string;
      readonly reads: string | null;
    };

interface Version {
  readonly pieces: readonly Piece[];
  /** By node: which of the schemas. */
  readonly schemas: Readonly<Record<string, readonly [input: number, output: number]>>;
}

/** What the compiler would refuse is left out: each slot reads what is there, each input fits. */
function build({ pieces, schemas }: Version): Program {
  const contract = (name: string) => {
    const [i, o] = schemas[name] ?? [0, 0];
    return node(name, { input: SCHEMAS[i] as z.ZodType<Json>, output: SCHEMAS[o] as z.ZodType<Json> });
  };
  const nodes = new Map(["p", "q", "r"].map((name) => [name, contract(name)] as const));
  // biome-ignore lint/suspicious/noExplicitAny: a workflow whose form is not known to the compiler
  let b: any = workflow("law", { input: z.object({ a: z.string() }) });
  const inputFor = ({ reads, node: of }: { reads: string | null; node: string }, seen: ReadonlySet<string>) => {
    const text = reads === null || !seen.has(reads) ? undefined : readText(reads, { pieces, schemas });
    return text && inputOf(text, VALUES[schemas[of]?.[0] ?? 0]);
  };
  const seen = new Set(["input"]);
  const waits = new Set<string>();
  let passes = [0];
  for (const piece of pieces) {
    if (seen.has(piece.name) || waits.has(piece.name)) continue;
    if (piece.kind === "task") {
      const [i, o] = schemas[piece.node] ?? [0, 0];
      const input = inputFor(piece, seen) ?? (passes.every((one) => one === i) ? undefined : () => VALUES[i]);
      b = b.task(nodes.get(piece.node)?.as(piece.name), input && { input });
      passes = [o];
    } else if (piece.kind === "wait") {
      b = b.wait(piece.name, { for: "10 minutes" });
    } else if (piece.kind === "nest") {
      const [i, o] = schemas[piece.node] ?? [0, 0];
      const input = inputFor(piece, seen) ?? (() => VALUES[i]);
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const inner = (of: any) => of.task(nodes.get(piece.node)?.as(`in${piece.name}`), { input });
      b = nested(b, { ...piece, inner, output: o });
      passes = [-1];
    } else if (piece.kind === "set") {
      b = b.set(piece.name, () => ({ at: "here", a: "x" }));
      passes = [-1];
    } else {
      const pick = `(s) => ${JSON.stringify(piece.branches[piece.take % piece.branches.length])}`;
      b = b.choice(
        piece.name,
        new Function(`return ${pick}`)() as Slot,
        Object.fromEntries(
          piece.branches.map((name) => [
            name,
            (inner: never) =>
              (inner as typeof b).task(nodes.get("p")?.as(`in${name}`), { input: () => VALUES[schemas.p?.[0] ?? 0] }),
          ]),
        ),
      );
      passes = [-1];
    }
    if (piece.kind !== "wait") seen.add(piece.name);
    else waits.add(piece.name);
  }
  return (b as { readonly program: Program }).program;
}

interface Nested {
  readonly name: string;
  readonly form: string;
  readonly inner: (b: never) => unknown;
  /** Which of the schemas the node inside gives. */
  readonly output: number;
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function nested(b: any, { name, form, inner, output }: Nested): any {
  switch (form) {
    case "block":
      return b.block(name, inner, {
        catch: { any: (c: typeof b) => c.set(`${name}Caught`, () => ({ at: "caught" })) },
      });
    case "loop": {
      const until = output === 2 ? () => true : (state: { a: string }) => state.a.length > 0;
      return b.loop(name, { from: () => VALUES[output], each: inner, until, max: 2 });
    }
    case "race":
      return b.race(name, { task: inner, late: (c: typeof b) => c.wait(`${name}Nap`, { for: "30 minutes" }) });
    case "map":
      return b.map(name, { over: () => [1, 2, 3], each: inner, concurrency: 2 });
    default:
      return b.parallel(name, { x: inner, y: (c: typeof b) => c.set(`${name}Set`, () => 1) });
  }
}

/** Its text is what it does: which name it reads, and what it gives. */
const inputOf = (read: string, value: unknown): Slot =>
  new Function(`return (s) => { s.${read}.length; return ${JSON.stringify(value)}; }`)() as Slot;

/** What is read as a type would have it: it is not there otherwise, and the function throws. */
function readText(name: string, { pieces, schemas }: Version): string | undefined {
  if (name === "input") return "input.a";
  const piece = pieces.find((one) => one.name === name);
  if (piece?.kind === "set") return `${name}.at`;
  if (piece?.kind === "task") return (schemas[piece.node]?.[1] ?? 0) === 2 ? undefined : `${name}.a`;
  if (piece?.kind !== "nest") return undefined;
  const nullable = (schemas[piece.node]?.[1] ?? 0) === 2;
  switch (piece.form) {
    case "map":
      return nullable ? `${name}[0]` : `${name}[0].a`;
    case "parallel":
      return nullable ? `${name}.x` : `${name}.x.a`;
    case "loop":
      return nullable ? undefined : `${name}.a`;
    default:
      return `${name}.branch`;
  }
}

const reads = fc.constantFrom("input", "n0", "n1", "n2", "x0", "x1", "f0", "f1", null);
const pieces: fc.Arbitrary<Piece> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("task" as const),
      name: fc.constantFrom("n0", "n1", "n2", "n3"),
      node: fc.constantFrom("p", "q", "r"),
      reads,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), name: fc.constantFrom("w0", "w1") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("nest" as const),
      name: fc.constantFrom("f0", "f1"),
      form: fc.constantFrom("block" as const, "loop" as const, "race" as const, "map" as const, "parallel" as const),
      node: fc.constantFrom("p", "q", "r"),
      reads,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("set" as const), name: fc.constantFrom("x0", "x1") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("choice" as const),
      name: fc.constantFrom("c0", "c1"),
      branches: fc.subarray(["u", "v", "w"], { minLength: 1 }),
      take: fc.nat(2),
    }),
  },
);
const version: fc.Arbitrary<Version> = fc.record({
  pieces: fc.array(pieces, { minLength: 1, maxLength: 6 }),
  schemas: fc.record({
    p: fc.tuple(fc.nat(1), fc.nat(2)),
    q: fc.tuple(fc.nat(1), fc.nat(2)),
    r: fc.tuple(fc.nat(1), fc.nat(2)),
  }),
});
/** One thing or two otherwise than before, as a next version is; or a version of its own. */
const next = (before: Version): fc.Arbitrary<Version> => {
  const at = fc.nat(before.pieces.length);
  const edited = fc.oneof(
    fc.tuple(at, pieces).map(([i, piece]) => before.pieces.toSpliced(i, 0, piece)),
    fc.tuple(at, pieces).map(([i, piece]) => before.pieces.toSpliced(i, 1, piece)),
    at.map((i) => before.pieces.toSpliced(i, 1)),
    fc.constant(before.pieces),
  );
  const one = fc.record({ p: fc.tuple(fc.nat(1), fc.nat(2)) });
  return fc.oneof(
    edited.map((all) => ({ ...before, pieces: all })),
    fc.tuple(edited, one).map(([all, some]) => ({ pieces: all, schemas: { ...before.schemas, ...some } })),
    version,
  );
};

async function endsOn(
  older: Version,
  newer: Version,
  after: number,
): Promise<{ readonly status: string; readonly error?: unknown }> {
  const store = new MemoryStore();
  const clock = new VirtualClock();
  let left = after;
  const start = async (of: Version, mayStop: boolean) => {
    const program = build(of);
    const handlers = new InProcessHandlers(() => {});
    const all = Object.entries(program.nodes).map(([name, contract]) => {
      const answer = VALUES[of.schemas[name]?.[1] ?? 0];
      return [
        name,
        implement(
          contract as never,
          (async () => {
            if (mayStop && left-- <= 0) await new Promise(() => {});
            return answer;
          }) as never,
        ),
      ] as const;
    });
    handlers.add(program, Object.fromEntries(all));
    const transport = new SingleProcessTransport({ store, clock, concurrency: 10, onError: () => {} });
    const engine = new Engine({
      log: new SingleProcessStepLog(store),
      transport,
      clock,
      bus: new SingleProcessEventBus(transport),
      handlers,
    });
    await engine.add(program);
    return engine;
  };
  const first = await start(older, true);
  await first.start("law", { id: "1", input: { a: "x" } });
  await clock.pass(0);
  const second = await start(newer, false); // the first one's process is gone, with its attempt
  await clock.pass(3_600_000);
  const { status, error } = await second.show({ workflow: "law", id: "1" });
  return { status, error };
}

describe("a next version", () => {
  it("that is called safe runs executions in flight to their end, from wherever they are", async () => {
    const told = { safe: 0, not: 0, broken: 0 };
    await fc.assert(
      fc.asyncProperty(
        version.chain((older) => fc.tuple(fc.constant(older), next(older), fc.nat(5))),
        async ([older, newer, after]) => {
          const program = build(newer);
          const changes = compareVersions(build(older).graph, program);
          const end = await endsOn(older, newer, after);
          if (worstOf(changes) === "safe") {
            told.safe++;
            expect(end).toMatchObject({ status: "succeeded" });
          } else {
            told.not++;
            if (end.status !== "succeeded") told.broken++;
          }
        },
      ),
      { numRuns: DEEP ? 20_000 : 150 },
    );
    expect(told.safe).toBeGreaterThan(20);
    expect(told.broken).toBeGreaterThan(20);
  });
});
