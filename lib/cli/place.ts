/** Where a command works: on this machine, in a project's data folder, or on a platform that is deployed. */
import { type Command, Option } from "commander";
import { checkPlatform } from "../contract/names.ts";
import { type Folders, foldersOf } from "./options.ts";

export type Place = ({ readonly target: "local" } & Folders) | DeployedPlace;

export interface DeployedPlace {
  readonly target: "aws";
  /** As `client` takes them: what is left out, the environment says. */
  readonly platform?: string;
  readonly region?: string;
  /** The project, whose code says which execution an event starts. */
  readonly root: string;
}

/** Where a command worked, so that the next one works there too. */
export function placeFlags(command: Command): string {
  const { target, platform, region, data, root } = command.optsWithGlobals<Given>();
  const given = { target: target === "aws" ? target : undefined, platform, region, data, root };
  return Object.entries(given)
    .map(([name, value]) => (value === undefined ? "" : ` --${name} ${value}`))
    .join("");
}

interface Given {
  readonly target: "local" | "aws";
  readonly platform?: string;
  readonly region?: string;
  readonly data?: string;
  readonly root?: string;
}

export function addPlaceOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--target <target>", "on this machine, or on a platform that is deployed to AWS")
        .choices(["local", "aws"])
        .default("local"),
    )
    .option("--platform <name>", "with --target aws: which platform (default: $PAWL_PLATFORM, or pawl)")
    .option("--region <region>", "with --target aws: the AWS region (default: $AWS_REGION, or the profile's)");
}

/**
 * @param of what the command makes of the project's code where the target is AWS: nothing, as a rule
 * @throws PawlError `usage`
 */
export function placeOf(command: Command, of: { readonly usesCode?: boolean } = {}): Place {
  const { target, platform, region, data, root } = command.optsWithGlobals<Given>();
  const folders = foldersOf(command);
  if (target === "local") {
    const lost = platform !== undefined ? "--platform" : region !== undefined ? "--region" : undefined;
    if (lost) command.error(`error: ${lost} is for --target aws`);
    return { target, ...folders };
  }
  if (data !== undefined)
    command.error("error: --data names a data folder of this machine: it is not for --target aws");
  if (root !== undefined && !of.usesCode)
    command.error("error: --root names a project of this machine: it is not for --target aws");
  return {
    target,
    root: folders.root,
    ...(platform !== undefined && { platform: checkPlatform(platform) }),
    ...(region !== undefined && { region }),
  };
}
