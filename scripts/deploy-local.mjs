// @ts-check
// The examples into a stand-in for AWS: MiniStack or LocalStack at AWS_ENDPOINT_URL. Arguments are `cdk deploy`'s.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const cdk = join(dirname(require.resolve("aws-cdk/package.json")), "bin/cdk");
const region = process.env.AWS_REGION ?? "us-east-1";
const env = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  CDK_DISABLE_CLI_TELEMETRY: "true",
  ...process.env,
  AWS_REGION: region,
  // A profile of the machine's is one of a real account.
  AWS_PROFILE: "",
};

/** @param {string} cwd @param {readonly string[]} args */
function run(cwd, args) {
  const { status } = spawnSync(process.execPath, [cdk, ...args], { cwd, env, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

// A stand-in's one account. Elsewhere than in the app's folder, whose output it would write anew, without any code.
const account = process.env.CDK_DEFAULT_ACCOUNT ?? "000000000000";
const elsewhere = mkdtempSync(join(tmpdir(), "pawl-bootstrap-"));
process.on("exit", () => rmSync(elsewhere, { recursive: true, force: true }));
run(elsewhere, ["bootstrap", `aws://${account}/${region}`, "--no-notices"]);
const context = ["-c", "standIn=true", "-c", "throwAway=true"];
run(root, ["deploy", "--all", "--require-approval", "never", ...context, ...process.argv.slice(2)]);
