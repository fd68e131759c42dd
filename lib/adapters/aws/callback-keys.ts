/**
 * The keys as versions of a secret in Secrets Manager: the id of a key is its version's. The current one signs; the one
 * before it still verifies, so a rotation voids nothing unless another follows before what was signed has expired.
 *
 * Read once per container and then once an hour. A token may name any version it likes: an unknown one makes it look
 * again, once a minute at most.
 */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { CallbackKey, CallbackKeys } from "../../ports/callback-keys.ts";
import { type AwsOptions, awsClient } from "./client-config.ts";
import { storageFailed } from "./storage-failed.ts";

const FRESH_MS = 60 * 60_000;
const LOOK_AGAIN_MS = 60_000;

export const secretsClient = (aws: AwsOptions): SecretsManagerClient => awsClient(SecretsManagerClient, aws);

export interface SecretKeysOptions {
  readonly client: SecretsManagerClient;
  /** Its ARN or name. */
  readonly secret: string;
  readonly now?: () => number;
}

interface Read {
  readonly atMs: number;
  readonly current: CallbackKey;
  /** Absent: it was never rotated. */
  readonly previous: CallbackKey | undefined;
}

export class SecretCallbackKeys implements CallbackKeys {
  readonly #options: Required<SecretKeysOptions>;
  #read: Promise<Read> | undefined;

  constructor(options: SecretKeysOptions) {
    this.#options = { now: () => Date.now(), ...options };
  }

  async current(): Promise<CallbackKey> {
    return (await this.#readWithin(FRESH_MS)).current;
  }

  async byId(id: string): Promise<CallbackKey | undefined> {
    return find(await this.#readWithin(FRESH_MS), id) ?? find(await this.#readWithin(LOOK_AGAIN_MS), id);
  }

  async #readWithin(ms: number): Promise<Read> {
    const known = await this.#read;
    if (!known || this.#options.now() - known.atMs >= ms) {
      const reading = this.#readBoth();
      this.#read = reading;
      reading.catch(() => {
        if (this.#read === reading) this.#read = undefined;
      });
    }
    return this.#read as Promise<Read>; // it has just been made, if it was not there
  }

  async #readBoth(): Promise<Read> {
    const atMs = this.#options.now();
    const [current, previous] = await Promise.all([this.#version("AWSCURRENT"), this.#version("AWSPREVIOUS")]);
    if (current) return { atMs, current, previous };
    throw storageFailed(`the secret ${this.#options.secret}`, new Error("it has no current version"));
  }

  async #version(VersionStage: "AWSCURRENT" | "AWSPREVIOUS"): Promise<CallbackKey | undefined> {
    const { client, secret } = this.#options;
    try {
      const answer = await client.send(new GetSecretValueCommand({ SecretId: secret, VersionStage }));
      const { VersionId: id, SecretString = "" } = answer;
      return id === undefined || SecretString === "" ? undefined : { id, secret: Buffer.from(SecretString) };
    } catch (error) {
      const missing = error instanceof Error && error.name === "ResourceNotFoundException";
      if (missing && VersionStage === "AWSPREVIOUS") return undefined;
      throw storageFailed(`the secret ${secret}`, error);
    }
  }
}

const find = ({ current, previous }: Read, id: string): CallbackKey | undefined =>
  [current, previous].find((key) => key?.id === id);
