/** Bundles as CDK's assets, named after what is in them: a function whose code did not change is not deployed again. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import type { LambdaBundle } from "../project/bundle-lambdas.ts";

/**
 * @param bundle undefined: this stack is not asked for, and CDK will not build it
 * @param name tells functions of one folder apart, since CDK builds what it is told the same way only once
 */
export function codeOf(bundle: LambdaBundle | undefined, folder: string, name: string): Code {
  const tryBundle = (outputDir: string): boolean => {
    for (const [file, contents] of bundle?.files ?? []) writeFileSync(join(outputDir, file), contents);
    return true;
  };
  return Code.fromAsset(folder, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: { image: DockerImage.fromRegistry("none"), command: [name], local: { tryBundle } },
  });
}
