/** Callbacks of a data folder: signed by its keys, answered where the engine's HTTP API is. */
import { FileCallbackKeys } from "../adapters/local/callback-keys.ts";
import type { HandOut } from "../contract/callback.ts";
import { issueCallbacks } from "../security/issue-callbacks.ts";

/** Where `pawl dev` answers unless it is told otherwise. */
const DEFAULT_URL = "http://127.0.0.1:7295";

export class LocalCallbacks {
  readonly keys: FileCallbackKeys;
  readonly handOut: HandOut;
  readonly #fixed: string | undefined;
  #listening: string | undefined;

  /** @param url what others reach it by, a tunnel for one. Default: where it listens */
  constructor(folder: string, url?: string) {
    this.keys = new FileCallbackKeys(folder);
    this.#fixed = url;
    this.handOut = issueCallbacks(this.keys, () => this.url);
  }

  get url(): string {
    return this.#fixed ?? this.#listening ?? DEFAULT_URL;
  }

  /** Its address, once it has one. */
  listensAt(url: string): void {
    this.#listening = url;
  }
}
