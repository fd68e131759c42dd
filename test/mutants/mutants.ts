/** Every rule of the protocol that a mutant breaks, in the order of a message's way. */
import type { Mutant } from "./mutant.ts";
import { claiming } from "./rules/claiming.ts";
import { controlling } from "./rules/controlling.ts";
import { delivering } from "./rules/delivering.ts";
import { dispatching } from "./rules/dispatching.ts";
import { ending } from "./rules/ending.ts";
import { faces } from "./rules/faces.ts";
import { failing } from "./rules/failing.ts";
import { flows } from "./rules/flows.ts";
import { forking } from "./rules/forking.ts";
import { settling } from "./rules/settling.ts";
import { starting } from "./rules/starting.ts";
import { table } from "./rules/table.ts";
import { undoing } from "./rules/undo.ts";

export const mutants: readonly Mutant[] = [
  ...starting,
  ...claiming,
  ...settling,
  ...dispatching,
  ...failing,
  ...ending,
  ...controlling,
  ...forking,
  ...delivering,
  ...table,
  ...flows,
  ...undoing,
  ...faces,
];
