/**
 * Adds as DynamoDB does, in decimal: 0.1 + 0.2 is 0.3. The sum comes back as a JSON number, which is what a client
 * reads of it; one that JSON or DynamoDB cannot hold is refused.
 */
import { valueProblem } from "../../../contract/item-problem.ts";
import { refuse } from "./refuse.ts";

/** Of a number of DynamoDB's. */
const MOST_DIGITS = 38;

export function add(a: number, b: number): number {
  const [x, y] = [decimalOf(a), decimalOf(b)];
  const exponent = Math.min(x.exponent, y.exponent);
  const digits = (
    x.digits * 10n ** BigInt(x.exponent - exponent) +
    y.digits * 10n ** BigInt(y.exponent - exponent)
  ).toString();
  if (digits.replace(/^-|0+$/g, "").length > MOST_DIGITS)
    refuse(`${a} and ${b}: the sum has over ${MOST_DIGITS} digits`);
  const sum = Number(`${digits}e${exponent}`);
  const problem = valueProblem("the sum", sum);
  return problem ? refuse(problem) : sum;
}

/** The shortest decimal that is this number, as JSON prints it: digits * 10^exponent. */
function decimalOf(value: number): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
