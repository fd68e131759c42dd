import { MemoryStore } from "../../adapters/memory/store.ts";
import { printExecution } from "../../contract/ids.ts";
import { type Header, hasEnded, type LogRecord } from "../../kernel/record.ts";
import { isCopied, wrongChange, wrongOpening, wrongTurn } from "./invariants.ts";

/** The world's one store: every write is looked at before it is made. */
export class WatchedStore extends MemoryStore {
  readonly #now: () => number;
  readonly #wrong: (what: string) => void;
  readonly #headers = new Map<string, { readonly fromMs: number; readonly header: Header }[]>();

  constructor(now: () => number, wrong: (what: string) => void) {
    super();
    this.#now = now;
    this.#wrong = wrong;
  }

  override putHeader(execution: string, header: Header): void {
    const before = this.header(execution);
    this.#say(before ? wrongTurn(before, header) : wrongOpening(header, this.records(execution)));
    this.#say(this.#wrongFamily(header));
    const versions = this.#headers.get(execution) ?? [];
    this.#headers.set(execution, [...versions, { fromMs: this.#now(), header }]);
    super.putHeader(execution, header);
  }

  override putRecord(execution: string, key: string, record: LogRecord): void {
    const records = this.records(execution);
    if (this.header(execution) || !isCopied(records)) this.#say(wrongChange(key, records, record));
    super.putRecord(execution, key, record);
  }

  /** The header as it was so long ago; the first one, if it is younger than that. */
  headerBefore(name: { readonly workflow: string; readonly id: string }, ageMs: number): Header | undefined {
    const versions = this.#headers.get(printExecution(name));
    const asOf = this.#now() - ageMs;
    return (versions?.findLast(({ fromMs }) => fromMs <= asOf) ?? versions?.[0])?.header;
  }

  /** Since when nothing of it runs any more, in true time. @param undoes what undoes a step runs while it stops as well */
  stillSinceMs(execution: string, undoes: boolean): number | undefined {
    const versions = this.#headers.get(execution) ?? [];
    const runs = ({ status, keep }: Header) => status === "running" || (undoes && status === "stopping" && !keep);
    const ran = versions.findLastIndex(({ header }) => runs(header));
    return versions[ran + 1]?.fromMs;
  }

  /** Who waits for another's end ends after it, and calls nobody when it has ended. */
  #wrongFamily(header: Header): string | undefined {
    const name = printExecution(header);
    const parent = header.parent && this.header(printExecution(header.parent));
    if (!this.header(name) && parent && hasEnded(parent)) return `${name} opens after its caller's end`;
    if (!hasEnded(header)) return undefined;
    const called = this.executions({ limit: Number.POSITIVE_INFINITY }).filter(
      (other) => other.parent && printExecution(other.parent) === name && !hasEnded(other),
    );
    return called[0] && `${name} ends before ${printExecution(called[0])}, which it called`;
  }

  #say(problem: string | undefined): void {
    if (problem) this.#wrong(problem);
  }
}
