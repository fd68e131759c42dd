/** The tables of docs/cost.md are what the model says: when a price or a count changes, the page says so or this fails. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PRICES } from "../../lib/cost/prices.ts";
import { printUsd } from "../../lib/cost/print.ts";
import type { Priced, Quote } from "../../lib/cost/quote.ts";
import { chainOf, quoteOf } from "../unit/cost/chains.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/cost.md"), "utf8");
const inline = { inline: true, repeatable: true };

/** As written by hand, whatever the widths of its columns. */
const plain = (text: string): string =>
  text
    .replaceAll(/ +/g, " ")
    .replaceAll(/-{2,}:?/g, "-")
    .trim();
const table = (name: string): string => {
  const found = new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)<!-- /${name} -->`).exec(page)?.[1];
  return plain(found ?? `docs/cost.md has no table ${name}`);
};
const rows = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  plain([head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n"));

const by = ({ priced }: Quote, batch: number): Priced["parts"] =>
  (priced.find((one) => one.batch === batch) as Priced).parts;

test("the four platforms, by steps", () => {
  const lines = [1, 10, 100].map((steps) => {
    const [queued, ridden] = [quoteOf(chainOf(steps)), quoteOf(chainOf(steps, inline))];
    const { standard, express, durable } = queued.peers;
    const ours = [queued, ridden].flatMap((of) => [1, 10].map((batch) => by(of, batch).total));
    return [String(steps), ...[...ours, standard.usd, express.usd, durable.usd].map(printUsd)];
  });
  const head = ["steps", "queued, one at a time", "queued, by 10", "inline, one at a time", "inline, by 10"];
  expect(table("platforms")).toBe(
    rows([...head, "Step Functions Standard", "Step Functions Express", "Lambda durable functions"], lines),
  );
});

test("the sums of ten steps", () => {
  const [queued, ridden] = [quoteOf(chainOf(10)), quoteOf(chainOf(10, inline))];
  const columns = [by(queued, 1), by(queued, 10), by(ridden, 1), by(ridden, 10)];
  const line = (name: string, of: (parts: Priced["parts"]) => number) => [
    name,
    ...columns.map((it) => printUsd(of(it))),
  ];
  expect(table("sums")).toBe(
    rows(
      ["", "queued, one at a time", "queued, by 10", "inline, one at a time", "inline, by 10"],
      [
        line("write units", ({ writes }) => writes),
        line("read units", ({ reads }) => reads),
        line("queue requests", ({ sqs }) => sqs),
        line("invocations", ({ invocations }) => invocations),
        line("Lambda's time", ({ time }) => time),
        line("to run", ({ total, kept }) => total - kept),
        line("records kept", ({ kept }) => kept),
        line("in all", ({ total }) => total),
      ],
    ),
  );
});

test("the two figures", () => {
  const [queued, bare] = [quoteOf(chainOf(10)), quoteOf(chainOf(10), { recovery: false })];
  const { standard, durable } = queued.peers;
  const share = (usd: number, of: number) => `${printUsd(usd)}: ${((100 * usd) / of).toFixed(1)}%`;
  const line = (name: string, usd: number) => [name, share(usd, standard.usd), share(usd, durable.usd)];
  const { total, kept } = by(queued, 10);
  expect(table("figures")).toBe(
    rows(
      ["queued, by 10", "of Step Functions Standard (10% at most)", "of Lambda durable functions (25% at most)"],
      [
        line("to run", total - kept),
        line("and records kept, without point-in-time recovery", by(bare, 10).total),
        line("and with it, as it is deployed", total),
      ],
    ),
  );
});

test("the prices, each with its date and page", () => {
  const lines = Object.values(PRICES).flatMap((price) => {
    if (typeof price === "string") return [];
    const { usd, per, unit, source, asOf } = price;
    return [[per === 1 ? unit : `${per.toLocaleString("en-US")} ${unit}`, String(usd), `[${asOf}](${source})`]];
  });
  expect(table("prices")).toBe(rows(["for", "USD", "as of"], lines));
});
