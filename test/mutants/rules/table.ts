/** The conditions of the writes to DynamoDB, each of which says what the kernel says; and how long a payload stays. */
import type { Edit, Mutant } from "../mutant.ts";

const header = "lib/adapters/aws/header-writes.ts";
const step = "lib/adapters/aws/step-writes.ts";
const log = "lib/adapters/aws/step-log.ts";

const breaks = (
  name: string,
  rule: string,
  of: { readonly edits: readonly Edit[]; readonly named: string },
): Mutant => ({
  name: `table: ${name}`,
  rule: `DynamoDB's condition ${rule}, as the kernel's does.`,
  tests: ["test/wire/step-log.test.ts"],
  ...of,
});

export const table: readonly Mutant[] = [
  breaks("settle without fence", "of a settling names the fence", {
    edits: [
      {
        file: step,
        find: `const HELD_BY_US = "(s = :running AND f = :fence)";`,
        replace: `const HELD_BY_US = "(s = :running AND f >= :fence)";`,
      },
    ],
    named: "is settled by its newest holder alone",
  }),
  breaks("claim under a live lease", "of a claim asks whether the lease has ended", {
    edits: [
      {
        file: step,
        find: `"(attribute_not_exists(l) OR l <= :leaseEnded)"`,
        replace: `"(attribute_not_exists(l) OR l <= :leaseEnded OR l > :leaseEnded)"`,
      },
    ],
    named: "is claimed again when its lease has ended",
  }),
  breaks("claim with no margin for clocks", "of a claim adds how far clocks may differ", {
    edits: [
      {
        file: step,
        find: `":leaseEnded": nowMs - skewMs,
    ":lease":`,
        replace: `":leaseEnded": nowMs - 0 * skewMs,
    ":lease":`,
      },
    ],
    named: "of 100 ms is over, or not",
  }),
  breaks("claim a settled step", "of a claim asks whether the step has settled", {
    edits: [
      {
        file: step,
        find: `"(attribute_not_exists(s) OR s <> :settled)"`,
        replace: `"(attribute_not_exists(s) OR s <> :settled OR s = :settled)"`,
      },
    ],
    named: "that is repeatable is settled by one of several",
  }),
  breaks("count a repeated request twice", "of a setback asks whether it was written already", {
    edits: [
      {
        file: step,
        find: `"(attribute_not_exists(w) OR w <> :token)"`,
        replace: `"(attribute_not_exists(w) OR w <> :token OR w = :token)"`,
      },
    ],
    named: "counts once also where nobody holds the step",
  }),
  breaks(
    "park without checking that the execution is still paused",
    "of a parking asks whether the execution is paused",
    {
      edits: [
        {
          file: header,
          find: "`s = :paused AND",
          replace: "`(s = :paused OR attribute_exists(s)) AND",
        },
      ],
      named: "is kept only while",
    },
  ),
  breaks("park in another epoch", "of a parking asks for the epoch", {
    edits: [
      {
        file: header,
        find: "`s = :paused AND",
        replace: "`s = :paused AND ep <= :epoch OR s = :paused AND",
      },
    ],
    named: "is kept only while",
  }),
  breaks("delete parked messages that were not listed", "of an unparking names which message", {
    edits: [{ file: log, find: `condition: "id = :id"`, replace: `condition: "id = :id OR attribute_exists(id)"` }],
    named: "is removed by its id",
  }),
  breaks("turn from any status", "of a turn asks for one of the statuses that it may begin from", {
    edits: [
      {
        file: header,
        find: "`s IN (",
        replace: "`attribute_exists(s) OR s IN (",
      },
    ],
    named: "changes nothing from any other",
  }),
  breaks("turn in another epoch", "of a turn asks for the epoch", {
    edits: [{ file: header, find: `const IN_EPOCH = "ep = :epoch";`, replace: `const IN_EPOCH = "ep >= :epoch";` }],
    named: "changes nothing in another epoch",
  }),
  breaks("pause and resume whenever asked", "of a pause or a resume asks how often the status was turned", {
    edits: [
      {
        file: header,
        find: `"(tu = :turns OR (:turns = :zero AND attribute_not_exists(tu)))"`,
        replace: `"(tu >= :zero OR tu = :turns OR attribute_not_exists(tu))"`,
      },
    ],
    named: "carries out a request to pause or resume once",
  }),
  {
    name: "store every payload for a month",
    rule: "A large payload stays longer than the records that refer to it.",
    edits: [{ file: "lib/contract/payload-terms.ts", find: "? MONTH : YEAR", replace: "? MONTH : MONTH" }],
    tests: ["test/unit/contract/payload-terms.test.ts"],
    named: "lets it go after its records",
  },
];
