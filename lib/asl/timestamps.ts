/**
 * Times as AWS Step Functions takes them: ISO 8601 with the letter T and an offset or Z, to the nanosecond. Amazon States
 * Language, "Timestamps" (the profile of RFC 3339); the seconds may be left out, as Java's ISO_OFFSET_DATE_TIME lets them.
 */
const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d))?)$/;

/** Since 1970, in nanoseconds; `undefined` for anything else than a time. */
export function parseTimestamp(text: unknown): bigint | undefined {
  const match = typeof text === "string" ? TIMESTAMP.exec(text) : null;
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1, 6).map(Number);
  const second = Number(match[6] ?? 0);
  const [offsetHour = 0, offsetMinute = 0, offsetSecond = 0] = match.slice(9, 12).map((it) => Number(it ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A month or a day that there is not has rolled over into another.
  if (date.getUTCMonth() !== month - 1) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 18 || offsetMinute > 59 || offsetSecond > 59)
    return undefined;
  const offset = (offsetHour * 3600 + offsetMinute * 60 + offsetSecond) * (match[8] === "-" ? -1 : 1);
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  return BigInt(seconds) * 1_000_000_000n + BigInt((match[7] ?? "").padEnd(9, "0"));
}

/** In UTC and to the millisecond, never earlier than the time given. */
export const printTimestamp = (nanoseconds: bigint): string =>
  new Date(Number(nanoseconds / MILLISECOND) + (nanoseconds % MILLISECOND > 0n ? 1 : 0)).toISOString();

const MILLISECOND = 1_000_000n;
