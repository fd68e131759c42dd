import { createHash } from "node:crypto";

/** Text that hardly shrinks: each character is one of 64, so a quarter is saved, and no more. */
export function noise(chars: number): string {
  const parts: string[] = [];
  for (let i = 0, length = 0; length < chars; i++) {
    const part = createHash("sha512").update(String(i)).digest("base64url");
    parts.push(part);
    length += part.length;
  }
  return parts.join("").slice(0, chars);
}
