/**
 * Tells of each request that an SDK client makes: which one, how often it was tried, what it consumed. For counting
 * costs in tests and for logs; without a listener nothing is asked for and nothing is done.
 */

/** One request, told once it was answered for good. */
export interface RequestNote {
  /** `DynamoDB`, `SQS`, `S3`, `EventBridge`, `Scheduler`. */
  readonly service: string;
  /** As in the API reference: `UpdateItem`. */
  readonly operation: string;
  /** How often it was sent, 1 when nothing went wrong. */
  readonly attempts: number;
  /**
   * Capacity units with those of indexes, as DynamoDB tells them. Of a refused write it tells none, though it consumes
   * what the write would have ("Working with items", conditional writes).
   */
  readonly readUnits: number;
  readonly writeUnits: number;
  /** The name of the error that it ended with, if it did: `ConditionalCheckFailedException`. */
  readonly error?: string;
}

/** Any SDK client, as far as middleware goes. Its own types differ from client to client. */
export interface Stacked {
  readonly middlewareStack: {
    add(
      middleware: unknown,
      options: { readonly step: string; readonly name: string; readonly priority: string },
    ): void;
  };
}

const READS: ReadonlySet<string> = new Set(["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"]);
const WRITES: ReadonlySet<string> = new Set([
  ...["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"],
]);

interface Call {
  readonly input: object;
}
interface Answer {
  readonly output: { readonly $metadata?: Metadata; readonly ConsumedCapacity?: Consumed | readonly Consumed[] };
}
interface Metadata {
  readonly attempts?: number;
}
interface Consumed {
  readonly CapacityUnits?: number;
}
interface Names {
  readonly clientName?: string;
  readonly commandName?: string;
}

/** @param tell must not throw */
export function tellRequests({ middlewareStack }: Stacked, tell: (note: RequestNote) => void): void {
  middlewareStack.add(
    (next: (call: Call) => Promise<Answer>, { clientName = "", commandName = "" }: Names) =>
      async (call: Call): Promise<Answer> => {
        const service = clientName.replace(/Client$/, "");
        const operation = commandName.replace(/Command$/, "");
        const metered = service === "DynamoDB" && (READS.has(operation) || WRITES.has(operation));
        const input = metered ? { ...call.input, ReturnConsumedCapacity: "INDEXES" } : call.input;
        try {
          const answer = await next({ ...call, input });
          const { $metadata, ConsumedCapacity } = answer.output;
          const units = unitsOf(ConsumedCapacity);
          const attempts = $metadata?.attempts ?? 1;
          const reads = READS.has(operation);
          tell({ service, operation, attempts, readUnits: reads ? units : 0, writeUnits: reads ? 0 : units });
          return answer;
        } catch (error) {
          const { name, $metadata } = error as Error & { readonly $metadata?: Metadata };
          tell({ service, operation, attempts: $metadata?.attempts ?? 1, readUnits: 0, writeUnits: 0, error: name });
          throw error;
        }
      },
    { step: "initialize", name: "pawlTellRequests", priority: "high" },
  );
}

/** Batches and transactions tell of each table apart. */
function unitsOf(consumed: Consumed | readonly Consumed[] | undefined): number {
  const all: readonly Consumed[] = consumed === undefined ? [] : Array.isArray(consumed) ? consumed : [consumed];
  return all.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}
