/** Where in a definition a check stands, what it needs to know of the machine around it, and where its findings go. */
import type { Json } from "../../model/json.ts";
import type { QueryLanguage } from "../definition.ts";
import type { Problem, ProblemCode } from "../problems.ts";

export interface Scene {
  readonly problems: Problem[];
  /** What the state at hand speaks. */
  readonly language: QueryLanguage;
  /** What the whole machine speaks. */
  readonly machine: QueryLanguage;
  readonly express: boolean;
  /** Of the whole definition, each with the path where it was first. */
  readonly stateNames: Map<string, string>;
  readonly labels: Map<string, string>;
}

export class Place {
  readonly path: string;
  readonly scene: Scene;

  constructor(path: string, scene: Scene) {
    this.path = path;
    this.scene = scene;
  }

  field(name: string): Place {
    return new Place(`${this.path}/${name}`, this.scene);
  }

  item(index: number): Place {
    return new Place(`${this.path}[${index}]`, this.scene);
  }

  /** The same place, seen otherwise. */
  with(change: Partial<Scene>): Place {
    return new Place(this.path, { ...this.scene, ...change });
  }

  refuse(rule: string, message: string, code: ProblemCode = "SCHEMA_VALIDATION_FAILED"): void {
    this.scene.problems.push({ code, message, path: this.path || "/", rule });
  }
}

/** Tells the place of all that is wrong with the value. */
export type Check = (value: Json, at: Place) => void;
