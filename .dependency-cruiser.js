// Who may import whom. Each layer lists all that it may import, so a new folder is refused until it has a line here.

/** @param {string} name @param {string} from @param {string[]} allowed folders or files of lib/, besides `from` itself */
const layer = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: from },
  to: { path: "^lib/", pathNot: [from, ...allowed.map((it) => `^lib/${it}`)] },
});
const packages = {
  dependencyTypesNot: ["local", "localmodule", "aliased"],
  pathNot: "^(lib|functions|test|bench|infra)/",
};
const base = ["errors\\.ts$", "model/"];
const pure = [...base, "contract/", "kernel/"];

export default {
  forbidden: [
    layer("errors-imports-nothing", "^lib/errors\\.ts$", []),
    layer("model", "^lib/model/", ["errors\\.ts$"]),
    layer("versions", "^lib/versions/", base),
    layer("cost", "^lib/cost/", [...base, "kernel/", "versions/slot-reads\\.ts$"]),
    layer("kernel", "^lib/kernel/", base),
    // A front end: definitions to graphs, and what their expressions come to.
    layer("asl", "^lib/asl/", [...base, "kernel/"]),
    layer("contract", "^lib/contract/", [...base, "kernel/record\\.ts$"]),
    layer("ports", "^lib/ports/", pure),
    // The log and the keys of callbacks are ports to it.
    layer("security", "^lib/security/", [...base, "contract/", "kernel/record\\.ts$", "ports/"]),
    layer("engine", "^lib/engine/", [...pure, "ports/"]),
    layer("lambda", "^lib/lambda/", [
      ...pure,
      "ports/",
      "engine/",
      "node/",
      "security/",
      "adapters/aws/",
      "adapters/system-clock\\.ts$",
    ]),
    layer("cdk", "^lib/cdk/", [
      ...base,
      "contract/",
      "ports/",
      "engine/context\\.ts$",
      "project/",
      "versions/",
      "cost/",
    ]),
    layer("entry-pawl", "^lib/index\\.ts$", [...base, "contract/"]),
    {
      name: "adapters",
      comment: "An adapter implements ports; wiring.ts is where one is put together with the engine.",
      severity: "error",
      from: { path: "^lib/adapters/", pathNot: "/wiring\\.ts$" },
      to: { path: "^lib/", pathNot: ["^lib/adapters/", "^lib/ports/", ...pure.map((it) => `^lib/${it}`)] },
    },
    {
      name: "adapters-apart",
      severity: "error",
      from: { path: "^lib/adapters/([^/]+)/" },
      to: {
        path: "^lib/adapters/",
        pathNot: ["^lib/adapters/$1/", "^lib/adapters/(single-process/|compressed\\.ts$)"],
      },
    },
    {
      name: "single-process-is-for-memory-and-local",
      comment: "It holds what the adapters of one process share.",
      severity: "error",
      from: { path: "^lib/adapters/", pathNot: "^lib/adapters/(memory|local|single-process)/" },
      to: { path: "^lib/adapters/single-process/" },
    },
    {
      name: "infra",
      comment: "Handlers reach infra by file path.",
      severity: "error",
      from: { path: "^infra/" },
      to: {
        path: "^(lib|functions)/",
        pathNot: ["^lib/(model|contract|cdk)/", "^lib/(index|errors)\\.ts$", "/(contracts|workflow)\\.ts$"],
      },
    },
    {
      name: "kernel-is-pure",
      comment: "No npm package and nothing of Node: what decides can be run anywhere, again and again.",
      severity: "error",
      from: { path: "^lib/kernel/" },
      to: packages,
    },
    {
      name: "model-packages",
      severity: "error",
      from: { path: "^lib/model/" },
      to: {
        ...packages,
        pathNot: [packages.pathNot, "node_modules/(zod|ms|@types/ms|canonicalize)/", "^(node:)?crypto$"],
      },
    },
    {
      name: "aws-sdk-only-in-adapters-aws",
      severity: "error",
      from: { pathNot: "^(lib/adapters/aws|test)/" },
      to: { path: "(^|/)@aws-sdk/" },
    },
    {
      name: "cdk-only-in-cdk-and-infra",
      comment: "Nobody who does not deploy needs it: it is an optional peer.",
      severity: "error",
      from: { pathNot: "^(lib/cdk|infra|test/(infra|wire/app))/" },
      to: { path: "(^|/)node_modules/(aws-cdk-lib|constructs|cdk-nag)/" },
    },
    {
      name: "workflow-files-apart",
      comment: "A workflow knows another one by its contract.",
      severity: "error",
      from: { path: "^functions/(.+)/workflow\\.ts$" },
      to: { path: "^functions/.+/workflow\\.ts$", pathNot: "^functions/$1/" },
    },
    {
      name: "handlers-know-contracts-only",
      severity: "error",
      from: { path: "^functions/", pathNot: "/workflow\\.ts$" },
      to: { path: "/workflow\\.ts$" },
    },
    {
      name: "functions-use-the-package",
      comment: "Examples import pawl as a user does.",
      severity: "error",
      from: { path: "^functions/" },
      to: { path: "^lib/", pathNot: "^lib/(index|(node|client|local|testing)/index)\\.ts$" },
    },
    {
      name: "shipped-code-has-its-dependencies",
      severity: "error",
      from: { path: "^lib/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm-peer", "type-only"] },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      comment: "bench, functions and test hold entries of their own, found by name.",
      severity: "error",
      from: { orphan: true, path: "^lib/" },
      to: {},
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(lib/cli/templates|dist)/" },
    // A type import is an import: the direction is wrong all the same.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["pawl-source", "import", "node", "default", "types"],
      extensions: [".ts", ".mjs", ".js", ".json", ".d.ts"],
    },
  },
};
