/** What AWS has taken and refused: `shared/cases/asl`, whose README says where the recordings come from. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseDefinition } from "../../lib/asl/parse.ts";
import type { Problem } from "../../lib/asl/problems.ts";
import { validateDefinition } from "../../lib/asl/validate.ts";
import { isPawlError } from "../../lib/errors.ts";
import type { AslCase } from "./case.ts";

interface Recorded extends AslCase {
  readonly expected: AslCase["expected"] & {
    /** Of CreateStateMachine. */
    readonly message?: string;
    /** Of ValidateStateMachineDefinition. */
    readonly diagnostics?: readonly { readonly code: string; readonly message: string; readonly location: string }[];
  };
}

const FOLDER = new URL("../../../shared/cases/asl/", import.meta.url);
const isThere = existsSync(FOLDER);
if (!isThere) console.info(`skipped: the recorded definitions are not there, ${FOLDER.pathname}`);

const cases = (isThere ? readdirSync(FOLDER) : [])
  .filter((file) => file.endsWith(".json"))
  // Of the form that the folder's README gives.
  .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Recorded);

function problemsOf({ definition, definitionText, machineType }: Recorded): readonly Problem[] {
  try {
    const value = definitionText === undefined ? definition : parseDefinition(definitionText);
    return validateDefinition(value, { express: machineType === "EXPRESS" });
  } catch (error) {
    if (!isPawlError(error)) throw error;
    // `invalid_definition` has them.
    return error.detail.problems as readonly Problem[];
  }
}

it.skipIf(!isThere)("takes every definition that AWS has run", () => {
  const run = cases.filter(({ kind }) => kind === "execution");
  const refused = run.map((it) => [it.name, problemsOf(it)] as const).filter(([, problems]) => problems.length > 0);
  expect(refused).toEqual([]);
  expect(run.length).toBeGreaterThan(400);
});

/** AWS's code, sentence and place, as far as the recording has them in our words. */
function reasonOf({ expected: { message = "", diagnostics: [first] = [] } }: Recorded): Partial<Problem> {
  // The parser of AWS has its own words, and its own idea of where a token is.
  if (first?.code === "INVALID_JSON_DESCRIPTION") return { code: first.code };
  // Codes that AWS documents and the recordings show.
  if (first) return { code: first.code as Problem["code"], message: first.message, path: first.location };
  const [, code, words, path] = /'([A-Z_]+): (.*?) +at (\S+)'$/.exec(message) ?? [];
  if (code !== undefined && words !== undefined && path !== undefined)
    return { code: code as Problem["code"], message: words.replace("arn:<partition>", "arn:aws"), path };
  const [label = ""] = /Label [^:'"]+/.exec(message) ?? [];
  return { code: "INVALID_LABEL_NAME", message: expect.stringMatching(`^${label}`) as string };
}

const refusals = cases.filter(({ kind }) => kind === "invalid");

it.each(refusals)("refuses for AWS's reason, and for no other: $name", (recorded) => {
  expect(problemsOf(recorded)).toEqual([expect.objectContaining(reasonOf(recorded))]);
});
