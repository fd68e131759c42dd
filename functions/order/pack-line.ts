/**
 * Packs one line of an order into boxes of one kind: the smallest box that takes all of it, else as many of the largest
 * as it needs. Ends with TooHeavy when not even one piece may go into the largest box.
 */
import { createHash } from "node:crypto";
import { implement } from "pawl/node";
import boxes from "./boxes.json" with { type: "json" };
import catalogue from "./catalogue.json" with { type: "json" };
import { packLine } from "./contracts.ts";

const gramsOf = new Map(catalogue.map((article) => [article.sku, article.grams]));
const smallestFirst = boxes.toSorted((a, b) => a.maxGrams - b.maxGrams);

export const handler = implement(packLine, async (line, step) => {
  const pieceGrams = gramsOf.get(line.sku);
  if (pieceGrams === undefined) throw new Error(`article ${line.sku} is not in the catalogue`);

  const grams = pieceGrams * line.quantity;
  const box = smallestFirst.find((b) => b.maxGrams >= grams) ?? smallestFirst.at(-1);
  if (box === undefined || pieceGrams > box.maxGrams) return step.fail("TooHeavy", { sku: line.sku, pieceGrams });

  const piecesInBox = Math.floor(box.maxGrams / pieceGrams);
  const parcelId = `p-${createHash("sha256").update(step.idempotencyKey).digest("hex").slice(0, 12)}`;
  return { parcelId, sku: line.sku, box: box.name, boxes: Math.ceil(line.quantity / piecesInBox), grams };
});
