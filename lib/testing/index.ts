/**
 * `pawl/testing`: a workflow in memory and in virtual time, whatever may befall it, and a handler on its own.
 *
 * @example
 * const t = await testWorkflow(order, { handlers: { reserve, charge, ship } });
 * const execution = await t.start(anOrder);
 * expect(execution.status).toBe("succeeded");
 * await crashEverywhere(order, { handlers: { reserve, charge, ship }, input: anOrder });
 */
export type { TableKey, TableKeys } from "../contract/transact-action.ts";
export { type CrashOptions, type CrashReport, type CrashSignal, crashEverywhere } from "./crash-everywhere.ts";
export type { TestHappening } from "./recorder.ts";
export { StepFailed, type TestStep, type TestStepOptions, testStep } from "./test-step.ts";
export { type TestExecution, type TestOptions, testWorkflow, type WorkflowTest } from "./test-workflow.ts";
export { VirtualClock } from "./virtual-clock.ts";
