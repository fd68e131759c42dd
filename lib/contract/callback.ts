/** A callback: what a person or another system is allowed to tell an execution, once. */
import type { Json } from "../model/json.ts";
import { LONGEST_LIFE_MS } from "../model/life.ts";

/**
 * The answers that are allowed, by the words for them. Each is the signal's data, or where that is an object a part of
 * it: whatever else the answer has is free.
 */
export type CallbackAnswers = Readonly<Record<string, Json>>;

export interface Callback {
  /** Names it: the same in each attempt of the step that hands it out. */
  readonly id: string;
  /** `order/1042` */
  readonly execution: string;
  /** Of the step that handed it out. */
  readonly path: string;
  readonly signal: string;
  /** Whom it was made for, as the handler calls them. */
  readonly subject: string;
  /** Absent: whatever the signal's schema lets through. */
  readonly answers?: CallbackAnswers | undefined;
  /** A whole second. From then on it is refused. */
  readonly expiresAtMs: number;
}

/** As a handler gets it. */
export interface HandedOut {
  /** A page for a person; a program posts the signal's data there as JSON. */
  readonly url: string;
  /** The last part of the url. Whoever has it can answer. */
  readonly token: string;
}

/** Where handlers have their callbacks signed: they have no key themselves. */
export type HandOut = (callback: Callback) => Promise<HandedOut>;

/** Beside where a platform or an engine answers. */
export const CALLBACK_PATH = "/callbacks";

/** Of a token: some mail programs cut an address off not far above. */
export const MOST_TOKEN = 4_000;
export const MOST_SUBJECT = 200;
export const MOST_ANSWERS = 10;
export const MOST_ANSWER_WORD = 60;
/** Of what is posted, in bytes. */
export const MOST_ANSWER_BYTES = 64 * 1024;
export const LONGEST_CALLBACK_MS = LONGEST_LIFE_MS;
