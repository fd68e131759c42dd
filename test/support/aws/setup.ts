/** In a wire test's own process too, a client that is given nothing reaches the stand-in, and never an account of the machine's. */
import { inject } from "vitest";
import { environment } from "./environment.ts";
import { endpointOf } from "./stand-in.ts";

const wanted = environment(endpointOf(inject("standIn")));
for (const name of Object.keys(process.env)) if (!(name in wanted)) delete process.env[name];
Object.assign(process.env, wanted);
