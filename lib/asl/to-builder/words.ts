/** Names of a definition as names in TypeScript: camelCase, short, each its own. */
import { NAME } from "../../model/name.ts";

const MOST = 28; // and a number behind it
/** Names that `s` has by itself. */
const IN_S = ["input", "item", "round", "error", "output"];
/** Names that cannot be declared, and those that the files of a workflow have already. */
const TAKEN = [
  ..."await break case catch class const continue debugger default delete do else enum export extends".split(" "),
  ..."false finally for function if implements import in instanceof interface let new null package".split(" "),
  ..."private protected public return static super switch this throw true try typeof var void while with yield".split(
    " ",
  ),
  ..."arguments eval undefined workflow node z contracts implement handler definition fromAsl".split(" "),
];

/** @param taken besides; of which the new one is to be none */
function fresh(wanted: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : wanted + n;
    if (!taken.has(name)) return name;
  }
}

export function camel(text: string, otherwise = "state"): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word, i) => (i === 0 ? lowered(word) : raised(word))).join("");
  const name = joined.slice(0, MOST);
  if (NAME.test(name)) return name;
  const prefixed = (otherwise + raised(name)).slice(0, MOST);
  return NAME.test(prefixed) ? prefixed : otherwise;
}

/** `HTTPGet` is `httpGet`. */
const lowered = (word: string): string =>
  word.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, (capitals) => capitals.toLowerCase());
const raised = (word: string): string => (word[0]?.toUpperCase() ?? "") + word.slice(1);

export const stateName = (wanted: string, taken: ReadonlySet<string>): string =>
  fresh(camel(wanted), new Set([...taken, ...IN_S]));

/** Of functions: constants of `contracts.ts`, and files. */
export function nodeNames(functions: readonly string[], reserved: readonly string[] = []): ReadonlyMap<string, string> {
  const taken = new Set([...TAKEN, ...IN_S, ...reserved]);
  return new Map(
    functions.map((called) => {
      const name = fresh(camel(called, "f"), taken);
      taken.add(name);
      return [called, name] as const;
    }),
  );
}
