/** A copy of the repository's code and tests in a temporary folder. Faults are planted there, and nowhere else. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Mutant, planted } from "./mutant.ts";

const COPIED = ["lib", "functions", "test", "package.json", "tsconfig.json", "vitest.config.ts"];
/** As large as they are unchanging: packages, and the AWS stand-in. */
const LINKED = ["node_modules", ".cache/ministack"];

export class WorkTree {
  readonly folder = mkdtempSync(join(tmpdir(), "pawl-mutants-"));

  constructor(root: string) {
    process.on("exit", () => rmSync(this.folder, { recursive: true, force: true }));
    for (const name of COPIED) cpSync(join(root, name), join(this.folder, name), { recursive: true });
    mkdirSync(join(this.folder, ".cache"));
    for (const name of LINKED) if (existsSync(join(root, name))) symlinkSync(join(root, name), join(this.folder, name));
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /** Gives back what takes the fault out again. */
  plant(mutant: Mutant): () => void {
    const before = [...planted(mutant, (file) => this.read(file))].map(([file, text]) => {
      const standing = this.read(file);
      this.#write(file, text);
      return [file, standing] as const;
    });
    return () => {
      for (const [file, text] of before) this.#write(file, text);
    };
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }
}
