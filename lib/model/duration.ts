import ms from "ms";

/** `"30 seconds"`, `"1 minute"`, `"2 days"`. */
export type Duration = `${number} ${"second" | "minute" | "hour" | "day"}${"" | "s"}`;

const FORM = /^(\d+(?:\.\d+)?) (second|minute|hour|day)s?$/;

/** Milliseconds, or undefined when the text is no duration (a cast or plain JavaScript can get one past the types). */
export function durationMs(duration: string): number | undefined {
  return FORM.test(duration) ? ms(duration as Duration) : undefined;
}

/** In the largest unit, rounded: `"30 days"`, `"1 day"`. */
export const durationText = (durationMs: number): string => ms(durationMs, { long: true });
