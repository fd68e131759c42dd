import { node } from "pawl";
import { z } from "zod";

export { dies, last, slow, Trouble, throws } from "../../first/trouble/contracts.ts";

export const added = node("added", { input: z.string(), output: z.string(), timeout: "3 seconds" });
