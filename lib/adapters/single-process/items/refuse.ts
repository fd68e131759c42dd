/** A transaction that DynamoDB would not take, or that the embedded engine cannot carry out as DynamoDB would. */
import { PawlError } from "../../../errors.ts";

/** @throws PawlError `invalid_transaction` */
export function refuse(problem: string): never {
  throw new PawlError("invalid_transaction", problem);
}
