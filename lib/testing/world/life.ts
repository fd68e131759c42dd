/** A worker's life. Its death is sticky: code that catches errors does not survive it, for no call ever answers again. */
export class Life {
  /** From 1, in the order of birth. */
  readonly worker: number;
  /** How far its clock is off. */
  readonly skewMs: number;
  readonly bornMs: number;
  #dead = false;

  constructor(worker: number, of: { readonly skewMs: number; readonly bornMs: number }) {
    this.worker = worker;
    this.skewMs = of.skewMs;
    this.bornMs = of.bornMs;
  }
  get dead(): boolean {
    return this.#dead;
  }
  die(): void {
    this.#dead = true;
  }
}

/** What a dead worker hears. */
export const silence = <T>(): Promise<T> => new Promise<T>(() => {});
