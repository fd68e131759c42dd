import type { FailState } from "../definition.ts";
import { codeOf } from "./calls.ts";
import { valueOfPath } from "./paths.ts";
import type { At } from "./place.ts";
import { literal, unknown, type Value } from "./value.ts";

/** Its name has to be a code of the builder's; its cause is the message. */
export function fail({ name, state, flow, chain }: At<FailState>): void {
  const field = (which: "Error" | "Cause"): Value | undefined => {
    const [given, path] = [state[which], state[`${which}Path`]];
    if (path !== undefined) return valueOfPath(path, flow.reading());
    return given === undefined ? undefined : flow.value(given, flow.reading());
  };
  const [error, cause = literal("")] = [field("Error"), field("Cause")];
  const named = error?.kind === "ref" && error.of ? error.of : error;
  const code = named?.kind === "literal" && typeof named.value === "string" ? named.value : undefined;
  if (error === undefined) chain.refuse(name, "it fails without an Error");
  else if (code === undefined) chain.refuse(name, "its Error is worked out");
  else if (codeOf(code) !== code)
    chain.refuse(name, `its Error '${code}' is no code of the builder's: capitals first, letters and digits`);
  const message: Value =
    cause.kind === "literal" && typeof cause.value === "string" ? cause : { kind: "text", of: cause };
  chain.check(name, cause.kind === "unknown" ? unknown(cause.why) : message);
  chain.steps.push({ kind: "fail", code: code ?? "", message });
  chain.isEnded = true;
}
