/** An app deployed to the stand-in by the CDK's own command line, as a user would deploy it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "./environment.ts";
import type { StandIn } from "./stand-in.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const manifest = createRequire(import.meta.url).resolve("aws-cdk/package.json");
const cdk = join(dirname(manifest), "bin/cdk");

export class CdkApp {
  readonly #aws: StandIn;
  readonly #app: string;
  readonly #context: Record<string, string>;
  readonly #qualifier: string;
  /** What synth leaves; the command line must not write into the repository. */
  readonly #output = mkdtempSync(join(tmpdir(), "pawl-cdk-"));

  /** @param app the file, from the repository's root */
  constructor(aws: StandIn, app: string, context: { platform: string } & Record<string, string>) {
    this.#aws = aws;
    this.#app = `"${process.execPath}" --conditions=pawl-source ${app}`;
    this.#qualifier = context.platform;
    this.#context = { ...context, "@aws-cdk/core:bootstrapQualifier": this.#qualifier };
  }

  /**
   * Under a qualifier of its own, for another app may be at it in the same account. Not inside of the app's folder: it
   * would write into what synth leaves there.
   */
  async bootstrap(): Promise<void> {
    const own = ["--qualifier", this.#qualifier, "--toolkit-stack-name", `toolkit-${this.#qualifier}`];
    await this.#run(["bootstrap", "aws://000000000000/us-east-1", ...own], { cwd: this.#output, app: false });
  }
  /** Also what changed since. @param context of this deployment and those after it */
  async deploy(context: Record<string, string> = {}): Promise<string> {
    Object.assign(this.#context, context);
    return this.#run(["deploy", "--all", "--require-approval", "never", "--output", this.#output]);
  }
  async destroy(): Promise<void> {
    await this.#run(["destroy", "--all", "--force", "--output", this.#output]);
  }
  clean(): void {
    rmSync(this.#output, { recursive: true, force: true });
  }

  #run(args: readonly string[], { cwd = root, app = true } = {}): Promise<string> {
    const context = Object.entries(this.#context).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const all = [cdk, ...args, "--no-color", ...(app ? ["--app", this.#app, ...context] : [])];
    const env = { ...environment(this.#aws.endpoint), CDK_DEFAULT_ACCOUNT: "000000000000" };
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, all, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
      child.on("error", reject);
      child.on("close", (code) =>
        code === 0 ? resolve(said) : reject(new Error(`cdk ${args[0]} exited with ${code}:\n${said.slice(-6000)}`)),
      );
    });
  }
}
