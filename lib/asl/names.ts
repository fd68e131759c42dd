/**
 * A state's name as a segment of paths. What paths and references have a meaning for is percent-encoded; a state that the
 * definition does not have is named after one that it has: `Charge%again`.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: a name may hold any character
const SPECIAL = /[%/~#?!@$|"\\[\]\u0000-\u001f\u007f]/g;
const HIDDEN = /%(?![0-9A-F]{2}).*$/;

export const segmentOf = (state: string): string =>
  state.replace(SPECIAL, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

/** @param part of letters beyond F, so that nobody takes it for an encoded character */
export const hidden = (
  state: string,
  part: "again" | "unmatched" | "token" | "given" | `r${string}` | "wait" | "go" | "out" | "items" | `k${string}`,
): string => `${segmentOf(state)}%${part}`;

export const isHidden = (segment: string): boolean => HIDDEN.test(segment);

/** The name of the state at a path, of whichever visit. */
export function nameAt(path: string): string {
  const segment = path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/~\d+$/, "")
    .replace(HIDDEN, "");
  return segment.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
