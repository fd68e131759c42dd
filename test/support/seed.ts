/**
 * The same examples in every run, so that a red test is red again. `SEED=n npm test` tries others. `SHRINK=no` stops at the
 * first example that fails, where it matters only that one does.
 */
import fc from "fast-check";

const { SEED = 1, SHRINK } = process.env;
fc.configureGlobal({ seed: Number(SEED), endOnFailure: SHRINK === "no" });
