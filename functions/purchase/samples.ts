/** Requests of our own making, at least one for each way that a request can take. */
import { z } from "zod";
import { Sample } from "../sample.ts";
import requests from "./samples/requests.json" with { type: "json" };

export async function samples(): Promise<Sample[]> {
  return z.array(Sample).parse(requests);
}
