/**
 * Sends a message at a time that is too far off for a queue's own delay, at least once. It may come a minute early, and
 * hardly late. The message names its schedule: the same one scheduled again is one schedule.
 */
import type { OutMessage } from "./transport.ts";

export interface Scheduler {
  sendAt(timeMs: number, message: Omit<OutMessage, "delayMs">): Promise<void>;
}
