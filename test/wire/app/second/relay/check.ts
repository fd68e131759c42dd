import { implement } from "pawl/node";
import { check } from "./contracts.ts";

export const handler = implement(check, async ({ id }) => ({ weight: id.length }));
