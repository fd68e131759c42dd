import type { Mutant } from "../mutant.ts";

const transport = "lib/adapters/single-process/transport.ts";
const batch = "lib/lambda/batch.ts";

export const delivering: readonly Mutant[] = [
  {
    name: "deliver before the commit",
    rule: "A message is delivered only once it is on disk, with what it follows from.",
    edits: [
      {
        file: transport,
        find: "store.afterCommit(() => {\n      this.#uncommitted.delete(message.id);\n      this.#place(message);",
        replace: "this.#place(message);\n    store.afterCommit(() => {\n      this.#uncommitted.delete(message.id);",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "acknowledge at delivery",
    rule: "A message stays in its queue until its receiver has acknowledged it.",
    edits: [
      {
        file: transport,
        find: "outcome = await receiver.receive(delivery);",
        replace: "this.#options.store.deleteMessage(message.id);\n      outcome = await receiver.receive(delivery);",
      },
    ],
    tests: ["test/crash/every-call.test.ts"],
  },
  {
    name: "drop a message whose receiver threw",
    rule: "A receiver that throws has not acknowledged: the message comes back.",
    edits: [
      {
        file: transport,
        find: `outcome = { kind: "putOff", delayMs: lookAgainMs(receives, LONGEST_BACKOFF_MS) };`,
        replace: `outcome = { kind: "acknowledge" };`,
      },
    ],
    tests: ["test/conformance/one-process.test.ts"],
  },
  {
    name: "drop a message that came too often",
    rule: "A message that came to nothing too often is handed on as a dead letter; nothing is dropped.",
    edits: [
      {
        file: transport,
        find: "if (this.#stopped) return;",
        replace: "if (this.#stopped || message.receives >= MOST_RECEIVES) return;",
      },
    ],
    tests: ["test/conformance/one-process.test.ts"],
  },
  {
    name: "batch: take for done what was not answered",
    rule: "A message of a batch is never taken for done because nobody said otherwise.",
    edits: [
      {
        file: batch,
        find: `all.filter((message) => message.state !== "done")`,
        replace: `all.filter((message) => message.state === "putOff")`,
      },
    ],
    tests: ["test/lambda/batch.test.ts"],
  },
  {
    name: "batch: take for done what threw",
    rule: "A batch answers for each message: what threw is a failure.",
    edits: [
      {
        file: batch,
        find: `message.state = "putOff";\n        await received.putOff(message, outcome.delayMs);`,
        replace: `message.state = "done";\n        await received.putOff(message, outcome.delayMs);`,
      },
    ],
    tests: ["test/lambda/batch.test.ts"],
  },
  {
    name: "batch: take for done what could not be buried",
    rule: "A message that cannot be kept aside stays in its queue.",
    edits: [
      {
        file: batch,
        find: "await bury(message, outcome.reason);",
        replace: "await bury(message, outcome.reason).catch(() => {});",
      },
    ],
    tests: ["test/lambda/batch.test.ts"],
  },
  {
    name: "batch: run suspects in company",
    rule: "A message received more than twice runs alone: it may be what kills the process.",
    edits: [
      {
        file: batch,
        find: "all.filter((m) => m.receives <= MOST_SHARED_RECEIVES)",
        replace: "all.filter((m) => m.receives <= 1000 * MOST_SHARED_RECEIVES)",
      },
    ],
    tests: ["test/lambda/batch.test.ts"],
  },
  {
    name: "queue: take failed entries for sent",
    rule: "A request that succeeds may have left some entries out: each is looked at.",
    edits: [
      {
        file: "lib/adapters/aws/gathered.ts",
        find: "left = new Map(all.map((one) => [one.index, one]));",
        replace: "left = new Map(all.slice(all.length).map((one) => [one.index, one]));",
      },
    ],
    tests: ["test/unit/adapters/aws/transport.test.ts"],
  },
  {
    name: "bus: take an answer that does not add up for a success",
    rule: "An answer that counts failures and names none says of no entry that it is in.",
    edits: [
      {
        file: "lib/adapters/aws/event-bus.ts",
        find: "if (left.length === (FailedEntryCount ?? 0) && Entries.length === entries.length) return left;",
        replace: "if (left.length >= 0) return left;",
      },
    ],
    tests: ["test/unit/adapters/aws/event-bus.test.ts"],
  },
  {
    name: "an idempotency key of the attempt",
    rule: "The idempotency key of a step is the same on every attempt.",
    edits: [
      {
        file: "lib/node/attempt-step.ts",
        find: "return idempotencyKey(this.#call.step);",
        replace: "return idempotencyKey({ ...this.#call.step, epoch: this.#call.step.attempt });",
      },
    ],
    tests: ["test/node/run-attempt.test.ts"],
  },
];
