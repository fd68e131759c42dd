/** The step log as one generation has it: every record is looked for where its newest edit has put it. */
import type { Execution, ExecutionName } from "../contract/ids.ts";
import { printExecution } from "../contract/ids.ts";
import { PawlError } from "../errors.ts";
import { Generation } from "../kernel/generation.ts";
import { type EditRecord, editKey, type LogRecord, stepKey } from "../kernel/record.ts";
import type { StepLog } from "../ports/step-log.ts";

/** Of an execution that was never redriven: its log is used as it is. */
const FIRST = new Generation([]);

/**
 * Those of the executions at work here. An edit never changes, and that of a large execution is long: it is taken apart
 * once, and not by each of the messages that it leads to.
 */
export class Generations {
  readonly #log: Pick<StepLog, "read">;
  /** By execution and epoch, the one that was used last at the end. */
  readonly #known = new Map<string, Generation>();

  constructor(log: Pick<StepLog, "read">) {
    this.#log = log;
  }

  async of(name: Execution, epoch: number): Promise<Generation> {
    if (epoch === 0) return FIRST;
    const key = `${printExecution(name)}\n${name.expiresAt}\n${epoch}`;
    const edits = this.#known.has(key) ? [] : await editsOf(this.#log, name, epoch);
    // Another message may have been quicker.
    const generation = this.#known.get(key) ?? new Generation(edits);
    this.#known.delete(key);
    this.#known.set(key, generation);
    for (const oldest of this.#known.keys()) if (this.#known.size > MOST_KNOWN) this.#known.delete(oldest);
    return generation;
  }
}
const MOST_KNOWN = 100;

export async function generationOf(
  log: Pick<StepLog, "read">,
  name: ExecutionName,
  epoch: number,
): Promise<Generation> {
  return epoch === 0 ? FIRST : new Generation(await editsOf(log, name, epoch));
}

async function editsOf(log: Pick<StepLog, "read">, name: ExecutionName, epoch: number): Promise<readonly EditRecord[]> {
  const edits: EditRecord[] = [];
  for (let of = 1; of <= epoch; of++) {
    const edit = await log.read(name, editKey(of));
    if (edit?.kind !== "edit")
      throw new PawlError("internal_error", `the edit of epoch ${of} of ${printExecution(name)} is not in its log`);
    edits.push(edit);
  }
  return edits;
}

/** What was void of a key, newest first, as far as its effects stand. */
export const earlierIn =
  (generation: Generation, all: ReadonlyMap<string, LogRecord>) =>
  (key: string): readonly LogRecord[] =>
    generation.earlierPlaces(key).flatMap((place) => all.get(place) ?? []);

export function generationLog(log: StepLog, generation: Generation): StepLog {
  if (generation.epoch === 0) return log;
  const placed = (path: string): string => generation.place(stepKey(path)).slice(stepKey("").length);
  const at =
    <A extends readonly unknown[], R>(call: (execution: Execution, path: string, ...rest: A) => R) =>
    (execution: Execution, path: string, ...rest: A): R =>
      call(execution, placed(path), ...rest);
  return {
    open: (header) => log.open(header),
    header: (name) => log.header(name),
    glance: (name) => log.glance(name),
    turn: (name, change) => log.turn(name, change),
    claim: at((...of) => log.claim(...of)),
    settle: at((...of) => log.settle(...of)),
    fail: at((...of) => log.fail(...of)),
    crash: at((...of) => log.crash(...of)),
    renew: at((...of) => log.renew(...of)),
    release: at((...of) => log.release(...of)),
    close: at((...of) => log.close(...of)),
    remember: at((...of) => log.remember(...of)),
    park: (execution, parked) => log.park(execution, parked),
    unpark: (execution, path, id) => log.unpark(execution, path, id),
    edit: (execution, epoch, edit) => log.edit(execution, epoch, edit),
    arrive: (execution, seat, output) => log.arrive(execution, { ...seat, key: generation.place(seat.key) }, output),
    decide: (execution, key, decision) => log.decide(execution, generation.place(key), decision),
    put: (execution, key, record) => log.put(execution, generation.place(key), record),
    mail: (execution, signal, change) => log.mail(execution, signal, change),
    occupy: (partition, change) => log.occupy(partition, change),
    read: (name, key) => log.read(name, generation.place(key)),
    list: async (name, how) => generation.view(await log.list(name, how)),
    executions: (query) => log.executions(query),
    putGraph: (hash, graph) => log.putGraph(hash, graph),
    graph: (hash) => log.graph(hash),
    sync: () => log.sync(),
  };
}
