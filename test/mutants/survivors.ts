/** Changes to kernel and contract that no unit test notices, and why none needs to. `npm run test:stryker` checks the list. */
import type { Survivor } from "./survivor.ts";

export const explained: readonly (Survivor & { readonly why: string })[] = [
  {
    file: "lib/contract/ids.ts",
    line: "if (slash < 0 || !NAME.test(workflow))",
    change: "slash < 0 → slash <= 0",
    why: "With the slash in front the workflow's name is empty, which is no name.",
  },
];
