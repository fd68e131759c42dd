import { createHash } from "node:crypto";
import type { Json } from "./json.ts";

/** A name for a value, after what it holds: 80 bits of a SHA-256 over its JSON, enough to tell one execution's apart. */
export const digestOf = (value: Json): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 20);
