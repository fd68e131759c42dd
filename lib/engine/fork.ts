/**
 * A fork, as control carries it out. Its start is first: it says where the fork comes from and where the copied log ends,
 * and is never made twice. The header is last, so nothing runs, and nobody reads, what is not whole:
 *
 *     decision of the start ──▶ copies ──▶ edit of epoch 1 ──▶ header ──▶ heal
 *
 * Each part is put if it is not there, so whoever dies on the way, the message that comes again does the rest.
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { type Execution, type ExecutionName, printExecution } from "../contract/ids.ts";
import { copiesOf, planFork } from "../kernel/fork.ts";
import { type DecisionRecord, type EditRecord, START_KEY } from "../kernel/record.ts";
import { lookAgainMs } from "../kernel/retry.ts";
import type { Past } from "../kernel/voids.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { atOnce } from "./at-once.ts";
import { type Context, unknownGraph } from "./context.ts";
import { isFork } from "./fork-request.ts";
import { earlierIn, generationOf } from "./generation-log.ts";
import { expiresAtOf } from "./lifetime.ts";
import { heal } from "./redrive.ts";

type Message = EnvelopeOf<"fork">;

const LONGEST_PAUSE_MS = 20_000;

export async function fork(context: Context, delivery: Delivery, message: Message): Promise<Outcome> {
  const { log } = context;
  const { v, workflow, id, graph } = message;
  const program = await context.programs.of(workflow, graph);
  if (!program) return unknownGraph(context, delivery, graph);
  let header = await log.header({ workflow, id });
  if (!header) {
    const { records, earlier } = await pastOf(context, message);
    const begun = await begin(context, delivery, { message, records, earlier, timeoutMs: program.graph.timeoutMs });
    if ("outcome" in begun) return begun.outcome;
    const { opens, edit } = begun.record;
    if (!opens || !edit || !isFork(opens, noteOf(message))) return taken({ workflow, id });
    const execution = { workflow, id, expiresAt: opens.expiresAt };
    const whole = await copy(context, delivery, { execution, records, edit });
    if (!whole) return { kind: "putOff", delayMs: 1 };
    await log.edit(execution, 1, edit);
    header = await log.open({ kind: "header", workflow, id, status: "running", epoch: 1, ...opens });
  }
  if (!isFork(header, noteOf(message))) return taken({ workflow, id });
  return heal(context, delivery, { kind: "heal", v, workflow, id, graph, epoch: 1, expiresAt: header.expiresAt });
}

/** Of the execution that is forked, in the generation that was seen by whoever asked. */
async function pastOf({ log }: Context, { workflow, source }: Message): Promise<Past> {
  const name = { workflow, id: source.id };
  const generation = await generationOf(log, name, source.epoch);
  const all = await log.list(name);
  return { records: generation.view(all), earlier: earlierIn(generation, all) };
}

const noteOf = ({ workflow, source, from }: Message) => ({
  kind: "fork" as const,
  execution: printExecution({ workflow, id: source.id }),
  path: from,
  epoch: source.epoch,
});

const taken = (name: ExecutionName): Outcome => ({
  kind: "bury",
  reason: `invalid_fork: there is another execution ${printExecution(name)}`,
});

interface Beginning extends Past {
  readonly message: Message;
  readonly timeoutMs: number | undefined;
}

/** What it begins with stands, or is worked out from the log as it is now. */
async function begin(
  context: Context,
  delivery: Delivery,
  { message, records, earlier, timeoutMs }: Beginning,
): Promise<{ readonly record: DecisionRecord } | { readonly outcome: Outcome }> {
  const { log, clock } = context;
  const { workflow, id, graph, source, from, input } = message;
  const standing = await log.read({ workflow, id }, START_KEY);
  if (standing?.kind === "decision") return { record: standing };
  // What is being undone is neither done nor undone.
  const header = await log.header({ workflow, id: source.id });
  if (header?.status === "stopping" && header.epoch === source.epoch)
    return { outcome: { kind: "putOff", delayMs: lookAgainMs(delivery.receives, LONGEST_PAUSE_MS) } };
  const startedAtMs = clock.now();
  const planned = planFork(records, { from, input, atMs: startedAtMs }, earlier);
  if (planned.kind === "refused") return { outcome: { kind: "bury", reason: `invalid_fork: ${planned.why}` } };
  const { edit } = planned;
  const expiresAt = expiresAtOf(context, timeoutMs);
  const opens = { graph, trigger: noteOf(message), startedAtMs, expiresAt };
  const start = copiesOf(records, edit).get(START_KEY) as DecisionRecord;
  return log.decide({ workflow, id, expiresAt }, START_KEY, { ...start, opens, edit });
}

interface Copying {
  readonly execution: Execution;
  readonly records: Past["records"];
  readonly edit: EditRecord;
}

/** False: the time is over, and the message is to come again for the rest. */
async function copy(context: Context, delivery: Delivery, { execution, records, edit }: Copying): Promise<boolean> {
  const { log, clock } = context;
  const there = delivery.receives > 1 ? await log.list(execution, { values: false }) : new Map();
  const left = [...copiesOf(records, edit)].filter(([key]) => !there.has(key));
  const deadlineMs = context.deadlineMs();
  const put = await atOnce(left, async ([key, record]) => {
    if (clock.now() > deadlineMs) return false;
    await log.put(execution, key, record);
    return true;
  });
  return !put.includes(false);
}
