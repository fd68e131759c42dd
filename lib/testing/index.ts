/**
 * `pawl/testing`: a workflow in memory and in virtual time, and a handler on its own.
 *
 * @example
 * const t = await testWorkflow(order, { handlers: { reserve, charge, ship } });
 * const execution = await t.start(anOrder);
 * expect(execution.status).toBe("succeeded");
 */
export { StepFailed, type TestStep, type TestStepOptions, testStep } from "./test-step.ts";
export { type TestExecution, type TestOptions, testWorkflow, type WorkflowTest } from "./test-workflow.ts";
export { VirtualClock } from "./virtual-clock.ts";
