/** A mutant: the code with one rule of the protocol broken, and the tests that ought to notice. */
export interface Mutant {
  readonly name: string;
  /** The rule that it breaks, as a sentence of what must hold. */
  readonly rule: string;
  readonly edits: readonly Edit[];
  /** Test files that are run, of which one test must fail. */
  readonly tests: readonly string[];
  /** Only tests whose name matches this: of a file that takes long to come to the one that fails. */
  readonly named?: string;
}

export interface Edit {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** The files of a mutant as they read with its fault planted. */
export function planted({ name, edits }: Mutant, read: (file: string) => string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const text = texts.get(file) ?? read(file);
    const parts = text.split(find);
    if (parts.length !== 2) throw new NoLongerApplies(name, file, parts.length - 1);
    texts.set(file, parts.join(replace));
  }
  return texts;
}

export class NoLongerApplies extends Error {
  constructor(mutant: string, file: string, times: number) {
    super(
      `the mutant '${mutant}' no longer applies: what it replaces stands ${times} times in ${file}, not once. ` +
        "Write it anew in test/mutants/rules, so that it breaks its rule in the code as it is now",
    );
  }
}
