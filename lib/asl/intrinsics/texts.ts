/** AWS's developer guide: "Intrinsics for data encoding and decoding", "… hash calculations", "… string operations". */
import { createHash } from "node:crypto";
import type { Intrinsic } from "./given.ts";

/** Of a text to encode, decode or hash. */
const MOST_CHARACTERS = 10_000;

/** By the name that AWS takes, and Node's. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** In hexadecimal; `undefined` where there is no such algorithm. */
export function hashOf(text: string, algorithm: string): string | undefined {
  const name = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  return name === undefined ? undefined : createHash(name).update(text, "utf8").digest("hex");
}

export const TEXTS: Readonly<Record<string, Intrinsic>> = {
  Base64Encode: (given) => Buffer.from(given.count(1).text(0, MOST_CHARACTERS), "utf8").toString("base64"),
  Base64Decode(given) {
    // MIME has it in lines.
    const text = given
      .count(1)
      .text(0, MOST_CHARACTERS)
      .replace(/[\r\n]/g, "");
    const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;
    return isBase64 ? Buffer.from(text, "base64").toString("utf8") : given.wrong(0, "in Base64");
  },
  /** Of anything else than a text, its JSON. */
  Hash(given) {
    const data = given.count(2).value(0);
    const text = typeof data === "string" ? data : JSON.stringify(data);
    if (text.length > MOST_CHARACTERS) given.wrong(0, `at most ${MOST_CHARACTERS} characters`);
    return hashOf(text, given.text(1)) ?? given.wrong(1, `one of ${Object.keys(ALGORITHMS).join(", ")}`);
  },
  /** Each character of the second is a place to split at; what is empty between two of them is left out. */
  StringSplit(given) {
    const text = given.count(2).text(0);
    const splitters = new Set(given.text(1));
    const parts: string[] = [];
    let part = "";
    for (const char of text) {
      if (!splitters.has(char)) part += char;
      else {
        if (part !== "") parts.push(part);
        part = "";
      }
    }
    return part === "" ? parts : [...parts, part];
  },
};
