import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { printEnvironment } from "../../lib/contract/environment.ts";
import { isPawlError } from "../../lib/errors.ts";
import { bundleLambdas, type LambdaBundle } from "../../lib/project/bundle-lambdas.ts";
import { findHandlersSync } from "../../lib/project/find-handlers.ts";
import { CALLBACK_ENTRY, CONTROL_ENTRY } from "../../lib/project/lambda-entries.ts";
import { loadPrograms } from "../../lib/project/load-project.ts";
import { chainOf, handlerOf, tempProject, writeFiles } from "../local/temp-folder.ts";

const run = promisify(execFile);
const ok = "return input;";

/** first → aside, inline → last. */
function project(): string {
  const root = tempProject(chainOf("work", { first: ok, aside: ok, last: ok }));
  writeFiles(root, {
    "functions/work/contracts.ts": `import { node } from "pawl";
import { z } from "zod";
export const N = z.object({ n: z.number() });
export const first = node("first", { input: N, output: N });
export const aside = node("aside", { input: N, output: N, inline: true });
export const last = node("last", { input: N, output: N });
`,
  });
  return root;
}

async function bundled(root: string): Promise<ReadonlyMap<string, LambdaBundle>> {
  const { programs } = await loadPrograms({ root });
  const { program, folder } = programs[0]!;
  const { files } = findHandlersSync({ program, folder }, root);
  return bundleLambdas({ graph: program.graph, folder, files, root });
}
const handlersIn = (bundle: LambdaBundle | undefined): string[] =>
  [...(bundle?.inputs ?? [])].filter((file) => /functions\/work\/(?!contracts|workflow)/.test(file)).sort();
/** The type of what it exports, in a process that has nothing but its files and a deployed function's environment. */
async function started({ files, handler }: LambdaBundle, variables: Record<string, string> = {}): Promise<string> {
  const folder = tempProject({});
  writeFiles(
    folder,
    Object.fromEntries([...files].map(([file, bytes]) => [`code/${file}`, Buffer.from(bytes).toString()])),
  );
  const [file, name] = handler.split(".");
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: "eu-west-1",
    ...printEnvironment({
      ...{
        platform: "pawl",
        bucket: "payloads",
        schedulerRole: "arn:role",
        clockMarginMs: 60_000,
        payloadLimitMiB: 32,
      },
      ...{
        queues: "https://sqs.eu-west-1.amazonaws.com/123456789012/",
        queueArns: "arn:aws:sqs:eu-west-1:123456789012:",
      },
    }),
    ...variables,
  };
  const code = `const it = await import("./${file}.mjs"); console.log(typeof it.${name})`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: join(folder, "code"),
    env,
  });
  return stdout.trim();
}
const hashesOf = (bundles: ReadonlyMap<string, LambdaBundle>) =>
  Object.fromEntries(
    [...bundles].map(([name, { files }]) => {
      const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex").slice(0, 8);
      return [name, Object.fromEntries([...files].map(([file, bytes]) => [file, hash(bytes)]))];
    }),
  );

describe("a Lambda's bundle", () => {
  it("holds the workflow, the node's handler and those of inline nodes that may follow, and no other's", async () => {
    const bundles = await bundled(project());
    expect([...bundles.keys()].sort()).toEqual(["aside", CONTROL_ENTRY, "first", "last"]);
    const at = (...names: string[]) => names.map((name) => `functions/work/${name}.ts`);
    expect(handlersIn(bundles.get("first"))).toEqual(at("aside", "first"));
    expect(handlersIn(bundles.get("aside"))).toEqual(at("aside"));
    expect(handlersIn(bundles.get("last"))).toEqual(at("last"));
    expect(handlersIn(bundles.get(CONTROL_ENTRY))).toEqual([]);
    for (const { inputs } of bundles.values()) expect([...inputs]).toContain("functions/work/workflow.ts");
  });

  it("has nothing of CDK and esbuild in it, and what ends executions is control's alone", async () => {
    const bundles = await bundled(project());
    for (const { inputs } of bundles.values())
      expect(
        [...inputs].filter((file) => /aws-cdk-lib|constructs|esbuild|lib\/(cdk|project|local|cli)\//.test(file)),
      ).toEqual([]);
    const drains = [...bundles].filter(([, { inputs }]) =>
      [...inputs].some((file) => file.endsWith("engine/drain.ts")),
    );
    expect(drains.map(([name]) => name)).toEqual([CONTROL_ENTRY]);
  });

  it("loads what few messages need only when one needs it", async () => {
    const { files, atOnce } = (await bundled(project())).get("first")!;
    const clients = (names: Iterable<string>) => {
      const text = [...names].map((name) => Buffer.from(files.get(name)!).toString()).join("");
      return ["DynamoDB", "EventBridge", "S3", "SQS", "Scheduler"].filter((it) => text.includes(`${it}Client=class `));
    };
    expect(clients(atOnce)).toEqual(["DynamoDB", "SQS"]);
    expect(clients(files.keys())).toEqual(["DynamoDB", "EventBridge", "S3", "SQS", "Scheduler"]);
  });

  it("is there for callbacks if a node hands some out, holds no handler, and starts on its own", async () => {
    expect([...(await bundled(project())).keys()]).not.toContain(CALLBACK_ENTRY);
    const root = project();
    writeFiles(root, {
      "functions/work/contracts.ts": `import { node, signal } from "pawl";
import { z } from "zod";
export const N = z.object({ n: z.number() });
export const decision = signal("decision", { data: z.object({ approved: z.boolean() }) });
export const first = node("first", { input: N, output: N, callbacks: [decision] });
export const aside = node("aside", { input: N, output: N });
export const last = node("last", { input: N, output: N });
`,
      "functions/work/workflow.ts": `import { workflow } from "pawl";
import { aside, decision, first, last, N } from "./contracts.ts";
export const work = workflow("work", { input: N }).task(first).task(aside).task(last).waitFor(decision);
`,
    });
    const bundles = await bundled(root);
    const answers = bundles.get(CALLBACK_ENTRY)!;
    expect(handlersIn(answers)).toEqual([]);
    expect(await started(answers, { PAWL_CALLBACK_SECRET: "s" })).toBe("function");
    const signs = (names: Iterable<string>, { files }: LambdaBundle) =>
      [...names].some((name) => Buffer.from(files.get(name)!).toString().includes("pawl-callback+jwt"));
    const first = bundles.get("first")!;
    expect([signs(first.atOnce, first), signs(first.files.keys(), first)]).toEqual([false, true]); // at first need
  });

  it("is the same, byte for byte, wherever the project lies", async () => {
    const [one, other] = [hashesOf(await bundled(project())), hashesOf(await bundled(project()))];
    expect(one).toEqual(other);
  });

  it("changes with its own handler alone", async () => {
    const root = project();
    const before = await bundled(root);
    writeFiles(root, { "functions/work/last.ts": handlerOf("last", "return { n: input.n + 1 };") });
    const after = await bundled(root);
    const changed = [...after].filter(([name, { files }]) => {
      const old = before.get(name)!.files;
      return [...files].some(([file, bytes]) => !old.has(file) || Buffer.compare(old.get(file)!, bytes) !== 0);
    });
    expect(changed.map(([name]) => name)).toEqual(["last"]);
  });

  it("starts on its own, with no package beside it", async () => {
    expect(await started((await bundled(project())).get("first")!)).toBe("function");
  });

  it("is not made of code that does not build", async () => {
    const root = project();
    writeFiles(root, { "functions/work/first.ts": "export const handler = ;" });
    const failed = await bundled(root).catch((error: unknown) => error);
    expect(isPawlError(failed) && failed.code).toBe("build_failed");
    expect((failed as Error).message).toMatch(/functions\/work\/first\.ts:1:23/);
  });
});
