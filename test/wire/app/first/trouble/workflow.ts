import { workflow } from "pawl";
import { dies, last, slow, Trouble, throws } from "./contracts.ts";

export const trouble = workflow("trouble", { input: Trouble })
  .choice("kind", (s) => s.input.kind, {
    dies: (b) => b.task(dies, { input: (s) => s.input }),
    throws: (b) => b.task(throws, { input: (s) => s.input }),
    slow: (b) => b.task(slow, { input: (s) => s.input }),
  })
  .task(last, { input: (s) => s.kind.output });
