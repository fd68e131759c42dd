import type { Mutant } from "../mutant.ts";

const step = "lib/kernel/step.ts";
const attempt = "lib/engine/attempt.ts";

export const claiming: readonly Mutant[] = [
  {
    name: "claim under a live lease",
    rule: "A step whose lease is running is not claimed by another.",
    edits: [
      {
        file: step,
        find: `const leaseEndMs = record?.status === "running" ? (record.leaseUntilMs ?? 0) + skewMs : 0;`,
        replace: "const leaseEndMs = 0 * skewMs;",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "claim with no margin for clocks",
    rule: "A lease counts as ended only so much later as two clocks may differ.",
    edits: [
      {
        file: step,
        find: `? (record.leaseUntilMs ?? 0) + skewMs : 0;`,
        replace: "? (record.leaseUntilMs ?? 0) + 0 * skewMs : 0;",
      },
    ],
    tests: ["test/unit/kernel/step.test.ts"],
  },
  {
    name: "claim before the delay is over",
    rule: "A step that failed is not claimed before its delay has passed.",
    edits: [
      {
        file: step,
        find: "const freeMs = Math.max(leaseEndMs, record?.notBeforeMs ?? 0);",
        replace: "const freeMs = leaseEndMs;",
      },
    ],
    tests: ["test/conformance/one-process.test.ts"],
  },
  {
    name: "claim under the old fence",
    rule: "Each claim raises the fence, so that an older holder is refused.",
    edits: [
      {
        file: step,
        find: `status: "running",\n      fence: before.fence + 1,`,
        replace: `status: "running",\n      fence: before.fence,`,
      },
    ],
    tests: ["test/crash/zombie.test.ts"],
  },
  {
    name: "drop when held by another",
    rule: "A message whose step another holds is put off until the lease ends, never acknowledged.",
    edits: [
      {
        file: attempt,
        find: `if (claim.kind === "held") return notWhole(claim.untilMs - startedAtMs);`,
        replace: `if (claim.kind === "held") return WHOLE;`,
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "acknowledge beside a held inline step",
    rule: "A message is not acknowledged while an inline step that rides on it is held by another.",
    edits: [{ file: "lib/engine/dispatch.ts", find: "return bothWhole(riding);", replace: "return bothWhole([]);" }],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "run a settled step again",
    rule: "A step that has settled never runs again: what it recorded is dispatched.",
    edits: [
      {
        file: step,
        find: `export function claimStep(record: StepRecord | undefined, request: ClaimRequest): Claimed {
  const { nowMs, skewMs } = request;
  if (record?.status === "settled") return { kind: "settled", record };`,
        replace: `export function claimStep(record: StepRecord | undefined, request: ClaimRequest): Claimed {
  const { nowMs, skewMs } = request;`,
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "run in an ending execution",
    rule: "No step begins in an execution that is known to be ending.",
    edits: [
      {
        file: "lib/engine/context.ts",
        find: `(header.status === "stopping" && bind.undo !== undefined && !header.keep)`,
        replace: `header.status === "stopping"`,
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
    named: "a branch that fails while another runs",
  },
  {
    name: "keep the lease of a step that is not to run",
    rule: "Whoever finds the execution ending or paused gives its claim back, so that nobody need wait the lease out.",
    edits: [
      {
        file: "lib/engine/park.ts",
        find: `if (of.holder !== "repeatable") await log.release(inv.execution, path, of.holder);`,
        replace: "",
      },
    ],
    tests: ["test/crash/control-messages.test.ts"],
  },
];
