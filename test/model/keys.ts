/** A record's key in terms of the graph, the same in every generation. */
export type Key = string;
export const START: Key = "start";
export const stepKey = (path: string): Key => `step/${path}`;
export const decideKey = (path: string): Key => `decide/${path}`;
export const joinKey = (path: string): Key => `join/${path}`;
/** Who ended a scope early. */
export const wonKey = (scope: string): Key => decideKey(`${scope}#won`);
/** The undo plan of a scope; of the execution: of the scope "". */
export const planKey = (scope: string): Key => decideKey(`${scope}#undo`);
/** Where the undo steps of a stage arrive. */
export const stagePath = (scope: string, stage: number): string => `${scope}#undo~${stage}`;
export const stageOf = (path: string): { readonly scope: string; readonly stage: number } | undefined => {
  const [scope = "", stage] = path.split("#undo~");
  return stage === undefined ? undefined : { scope, stage: Number(stage) };
};
