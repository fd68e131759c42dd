/** Questions of our own making, each with a conversation that was written for it in rehearsed.json. */
import { z } from "zod";
import { Sample } from "../sample.ts";
import questions from "./samples/questions.json" with { type: "json" };

export async function samples(): Promise<Sample[]> {
  return z.array(Sample).parse(questions);
}
