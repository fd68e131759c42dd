/** Where a node's handler runs: in its own function and, inline, in those of nodes before it. */
import {
  type AddToPrincipalPolicyResult,
  CompositePrincipal,
  type IGrantable,
  type IPrincipal,
  type IRole,
  type PolicyStatement,
  type PrincipalPolicyFragment,
} from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { DependencyGroup } from "constructs";

/**
 * Every function that may run a handler. What is granted to it, and set in its environment, reaches all of them: an
 * inline node's handler runs in other functions than its own, and needs there what it needs here.
 *
 * @example
 * ledger.grantWriteData(orders.node(charge));
 * orders.node(charge).addEnvironment("LEDGER", ledger.tableName);
 */
export class NodeFunctions implements IGrantable {
  /** The node's own function first. */
  readonly functions: readonly LambdaFunction[];
  /** Its own function, for what is this one's alone: metrics, more alarms. */
  readonly function: LambdaFunction;
  readonly grantPrincipal: IPrincipal;

  constructor(own: LambdaFunction, others: readonly LambdaFunction[]) {
    this.function = own;
    this.functions = [own, ...others];
    this.grantPrincipal = new EveryRole(this.functions.flatMap(({ role }) => role ?? []));
  }

  addEnvironment(key: string, value: string): this {
    for (const one of this.functions) one.addEnvironment(key, value);
    return this;
  }
}

/** CDK's own composite cannot be granted anything: it stands for whoever assumes a role, and has no policy. */
class EveryRole implements IPrincipal {
  readonly grantPrincipal: IPrincipal = this;
  readonly assumeRoleAction = "sts:AssumeRole";
  readonly principalAccount: string | undefined;
  readonly #roles: readonly IRole[];

  constructor(roles: readonly IRole[]) {
    this.#roles = roles;
    this.principalAccount = roles[0]?.principalAccount;
  }

  /** For policies of resources, where a grant ends that crosses accounts. */
  get policyFragment(): PrincipalPolicyFragment {
    return new CompositePrincipal(...this.#roles).policyFragment;
  }

  addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    const added = this.#roles.map((role) => role.addToPrincipalPolicy(statement.copy()));
    const policyDependable = new DependencyGroup(...added.flatMap(({ policyDependable: one }) => one ?? []));
    return { statementAdded: added.every(({ statementAdded }) => statementAdded), policyDependable };
  }
}
