/** The largest value that an execution carries: its input, an output of a node, what a slot makes. Bytes of JSON. */
export const MOST_PAYLOAD_BYTES = 4 * 1024 * 1024;

/** What is wrong with a value's size, or undefined. */
export function tooLarge(what: string, json: unknown): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(json) ?? "");
  if (bytes <= MOST_PAYLOAD_BYTES) return undefined;
  return `${what} has ${bytes} bytes of JSON and the limit is ${MOST_PAYLOAD_BYTES}: store it elsewhere and pass on where`;
}
