/** The largest value that an execution carries: its input, an output of a node, what a slot makes. Bytes of JSON. */
export const MOST_PAYLOAD_BYTES = 4 * 1024 * 1024;

/**
 * The largest event that a workflow emits, as it is put on the bus: EventBridge takes 256 KiB an entry, and counts its
 * source, type and time as well (PutEvents, "Calculating Amazon EventBridge PutEvents event entry size").
 */
export const MOST_EVENT_BYTES = 255 * 1024;

/** What is wrong with a value's size, or undefined. */
export function tooLarge(what: string, json: unknown, mostBytes = MOST_PAYLOAD_BYTES): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(json) ?? "");
  if (bytes <= mostBytes) return undefined;
  return `${what} has ${bytes} bytes of JSON and the limit is ${mostBytes}: store it elsewhere and pass on where`;
}
