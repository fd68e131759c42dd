import { ExpressionError } from "../../model/expression.ts";

/** AWS's developer guide, "Error names": a Map could not read its items. */
export const readerFailed = (cause: string): ExpressionError => new ExpressionError("States.ItemReaderFailed", cause);
