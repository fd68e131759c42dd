/**
 * The keys in the data folder, for its owner alone, made when first needed. They are a JSON Web Key Set (RFC 7517),
 * newest first: a key put before the others signs from then on; one that is taken out voids what it has signed.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf, PawlError } from "../../errors.ts";
import type { CallbackKey, CallbackKeys } from "../../ports/callback-keys.ts";

const CALLBACK_KEYS_FILE = "callback-keys.json";
const BYTES = 32;

const secret = z
  .base64url()
  .transform((text) => Buffer.from(text, "base64url"))
  .refine((bytes) => bytes.length >= BYTES, `has fewer than ${BYTES} bytes`);
const KeySet = z.object({
  keys: z.array(z.object({ kty: z.literal("oct"), kid: z.string().min(1), k: secret })).min(1),
});

export class FileCallbackKeys implements CallbackKeys {
  readonly #folder: string;
  #keys: readonly CallbackKey[] | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async current(): Promise<CallbackKey> {
    const [newest = this.#make()] = this.#read();
    return newest;
  }

  async byId(id: string): Promise<CallbackKey | undefined> {
    return this.#read().find((key) => key.id === id);
  }

  #read(): readonly CallbackKey[] {
    this.#keys ??= readKeys(this.#file);
    return this.#keys;
  }

  /** One process holds the folder, so nobody else makes one meanwhile. Appears whole or not at all. */
  #make(): CallbackKey {
    const key = { id: randomUUID(), secret: randomBytes(BYTES) };
    const k = key.secret.toString("base64url");
    const text = `${JSON.stringify({ keys: [{ kty: "oct", alg: "HS256", use: "sig", kid: key.id, k }] }, undefined, 2)}\n`;
    const unfinished = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(unfinished, text, { mode: 0o600, flush: true });
      renameSync(unfinished, this.#file);
    } catch (error) {
      const message = `the keys of callbacks cannot be written, at ${this.#file}: ${messageOf(error)}`;
      throw new PawlError("data_folder_unwritable", message, { file: this.#file }, error);
    }
    this.#keys = [key];
    return key;
  }

  get #file(): string {
    return join(this.#folder, CALLBACK_KEYS_FILE);
  }
}

function readKeys(file: string): readonly CallbackKey[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw damaged(file, messageOf(error), error);
  }
  try {
    return KeySet.parse(JSON.parse(text)).keys.map(({ kid, k }) => ({ id: kid, secret: k }));
  } catch (error) {
    // Its message may show a part of what is in the file.
    throw damaged(file, error instanceof z.ZodError ? "it is no set of keys" : "it is not JSON");
  }
}

const damaged = (file: string, why: string, cause?: unknown): PawlError =>
  new PawlError(
    "data_folder_damaged",
    `the keys of callbacks cannot be read, at ${file}: ${why}; put it back from a copy, or remove it, which voids every callback handed out`,
    { file },
    cause,
  );
