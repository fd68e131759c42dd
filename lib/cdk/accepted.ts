/** Findings of security rule packs (cdk-nag) that are meant to be, each with its reason. */
import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

export function acceptFinding(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** A role's resources that end in `*`. */
export function acceptWildcards(construct: IConstruct, resources: readonly string[], reason: string): void {
  for (const resource of resources)
    acceptFinding(construct, `AwsSolutions-IAM5[Resource::${flat(Stack.of(construct).resolve(resource))}]`, reason);
}

/** As cdk-nag spells a resource: what is not known before the deployment in angle brackets. */
function flat(value: unknown): string {
  if (typeof value === "string") return value;
  const { Ref: ref, "Fn::Join": join } = value as { readonly Ref?: string; readonly "Fn::Join"?: [string, unknown[]] };
  if (join) return join[1].map(flat).join(join[0]);
  if (ref) return `<${ref}>`;
  throw new TypeError(`a resource's name is made of text and references, not ${JSON.stringify(value)}`);
}
