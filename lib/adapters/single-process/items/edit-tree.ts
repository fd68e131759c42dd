/**
 * What an update changes, by path, so that a list or map is rebuilt once. Two paths of which one leads through the other
 * are refused, and so are two that take the same thing for a list and for a map.
 */
import { type Path, printPath } from "./path.ts";
import { refuse } from "./refuse.ts";
import type { UpdateAction } from "./update.ts";

export interface EditTree {
  readonly kind: "tree";
  readonly path: Path;
  /** Children are attributes of a map, or places in a list. */
  readonly of: "names" | "places";
  readonly children: Map<string | number, EditTree | UpdateAction>;
}

export function editTree(actions: readonly UpdateAction[]): EditTree {
  const root = treeAt([], "");
  for (const action of actions) put(root, action);
  return root;
}

function put(root: EditTree, action: UpdateAction): void {
  let tree = root;
  for (const [depth, part] of action.path.entries()) {
    if (tree.of !== ofPart(part)) refuse(`${printPath(tree.path)} is taken for a list and for a map`);
    const found = tree.children.get(part);
    const next = action.path[depth + 1];
    if (next === undefined) {
      if (found) refuse(`${printPath(action.path)} is changed twice`);
      tree.children.set(part, action);
      return;
    }
    if (found && found.kind !== "tree") refuse(`${printPath(found.path)} is changed twice`);
    const below = (found as EditTree | undefined) ?? treeAt(action.path.slice(0, depth + 1), next);
    tree.children.set(part, below);
    tree = below;
  }
}

const ofPart = (part: string | number): EditTree["of"] => (typeof part === "number" ? "places" : "names");
const treeAt = (path: Path, firstPart: string | number): EditTree => ({
  ...{ kind: "tree", path, of: ofPart(firstPart) },
  children: new Map(),
});
