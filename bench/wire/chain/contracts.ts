import { node } from "pawl";
import { z } from "zod";

export const Text = z.object({ text: z.string() });
export const work = node("work", { input: Text, output: Text });
