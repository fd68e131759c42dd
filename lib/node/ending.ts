/** That an attempt is to end before its handler does. The signal which tells a handler is made when one asks for it. */
export class Ending {
  #reason: Error | undefined;
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Of several reasons the first. */
  begin(reason: string): void {
    if (this.#reason) return;
    this.#reason = new Error(reason);
    this.#controller?.abort(this.#reason);
  }
}
