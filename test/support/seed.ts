/** The same examples in every run, so that a red test is red again. `SEED=n npm test` tries others. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
