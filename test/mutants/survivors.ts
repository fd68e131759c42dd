/** Changes to kernel and contract that no unit test notices, and why none needs to. `npm run test:stryker` checks the list. */
export interface Survivor {
  readonly file: string;
  /** The line it begins in. */
  readonly line: string;
  readonly change: string;
}

export const explained: readonly (Survivor & { readonly why: string })[] = [];
