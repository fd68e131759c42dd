/** What a process needs in its environment to reach the stand-in and no account: neither a profile nor a proxy of the machine's. */
import { devNull } from "node:os";

export const region = "us-east-1";
export const credentials = { accessKeyId: "test", secretAccessKey: "test" };

const ofTheMachine = /^(AWS_.*|(https?|all|no)_proxy)$/i;

export function environment(endpoint: string): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !ofTheMachine.test(name)) as [string, string][];
  return {
    ...Object.fromEntries(kept),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
    // The CDK's CLI reports its use to AWS otherwise.
    CDK_DISABLE_CLI_TELEMETRY: "true",
  };
}
