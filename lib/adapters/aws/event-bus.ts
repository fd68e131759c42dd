/**
 * The event bus on EventBridge. Rules of the deployment take an event to the control queues of the workflows that want
 * it. An event's own id stands in `detail`, since EventBridge gives each event another one.
 */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { printEvent } from "../../contract/event-detail.ts";
import { PawlError } from "../../errors.ts";
import type { EventOf } from "../../model/contracts.ts";
import type { EventBus } from "../../ports/event-bus.ts";
import { type AwsOptions, awsClient } from "./client-config.ts";
import { Gathered, type Left } from "./gathered.ts";
import { storageFailed } from "./storage-failed.ts";

export const eventBridgeClient = (options: AwsOptions): EventBridgeClient => awsClient(EventBridgeClient, options);

/** "Amazon EventBridge quotas" and "PutEvents": so many entries and bytes a request. */
const MOST_ENTRIES = 10;
const MOST_BYTES = 256 * 1024;
/** Of an entry that has a time ("Calculating Amazon EventBridge PutEvents event entry size"). */
const TIME_BYTES = 14;
/** "PutEventsResultEntry": errors that may pass. */
const PASSING: ReadonlySet<string> = new Set(["ThrottlingException", "InternalFailure", "InternalException"]);

interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Time?: Date;
}

export class EventBridgeBus implements EventBus {
  readonly #client: EventBridgeClient;
  readonly #bus: string;
  readonly #outgoing: Gathered<Entry>;

  constructor({ client, bus }: { readonly client: EventBridgeClient; readonly bus: string }) {
    this.#client = client;
    this.#bus = bus;
    this.#outgoing = new Gathered<Entry>({
      to: `the bus ${bus}`,
      mostEntries: MOST_ENTRIES,
      mostBytes: MOST_BYTES,
      bytesOf,
      request: (entries) => this.#request(entries),
    });
  }

  /** @throws PawlError `payload_too_large` before anything is put, `storage_failed` */
  async put(events: readonly EventOf[]): Promise<void> {
    await this.#outgoing.add(events.map(entryOf));
  }

  async #request(entries: readonly Entry[]): Promise<readonly Left[]> {
    const command = new PutEventsCommand({ Entries: entries.map((entry) => ({ ...entry, EventBusName: this.#bus })) });
    const { FailedEntryCount, Entries = [] } = await this.#client.send(command).catch((error: unknown) => {
      throw storageFailed(`the bus ${this.#bus}`, error);
    });
    const left = Entries.flatMap(({ ErrorCode, ErrorMessage }, index) =>
      ErrorCode === undefined
        ? []
        : [{ index, passing: PASSING.has(ErrorCode), message: `${ErrorCode}: ${ErrorMessage ?? "no reason given"}` }],
    );
    if (left.length === (FailedEntryCount ?? 0) && Entries.length === entries.length) return left;
    // An answer that does not add up says of no entry that it is in.
    const message = `${FailedEntryCount} of ${entries.length} entries failed, of which ${left.length} are named`;
    return entries.map((_, index) => left.find((l) => l.index === index) ?? { index, passing: true, message });
  }
}

function entryOf(event: EventOf): Entry {
  const printed = printEvent(event) as { readonly detail: unknown };
  const time = new Date(event.time);
  const entry: Entry = {
    Source: event.source,
    DetailType: event.type,
    Detail: JSON.stringify(printed.detail),
    ...(!Number.isNaN(time.getTime()) && { Time: time }),
  };
  const bytes = bytesOf(entry);
  if (bytes <= MOST_BYTES) return entry;
  throw new PawlError(
    "payload_too_large",
    `the event ${event.id} (${event.source} ${event.type}) has ${bytes} bytes and EventBridge takes ${MOST_BYTES}: store its data elsewhere and pass on where`,
    { event: event.id, bytes },
  );
}

const bytesOf = ({ Source, DetailType, Detail, Time }: Entry): number =>
  Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail) + (Time ? TIME_BYTES : 0);
