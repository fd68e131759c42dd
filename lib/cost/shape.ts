/** The same path in the terms of the other platforms, which bill other things than ours does. */

export interface Shape {
  /** Calls of a Lambda. */
  readonly tasks: number;
  /** States entered: each is a transition. */
  readonly states: number;
  /** Branches and items. */
  readonly branches: number;
  /** Waits for a time, for somebody, for another workflow: a function ends over each, and begins again. */
  readonly suspensions: number;
  readonly emits: number;
  /** Those of the waits that are for a signal. */
  readonly signals: number;
}

export const NO_SHAPE: Shape = { tasks: 0, states: 0, branches: 0, suspensions: 0, emits: 0, signals: 0 };

export const shapePlus = (a: Shape, b: Partial<Shape>, times = 1): Shape => ({
  tasks: a.tasks + (b.tasks ?? 0) * times,
  states: a.states + (b.states ?? 0) * times,
  branches: a.branches + (b.branches ?? 0) * times,
  suspensions: a.suspensions + (b.suspensions ?? 0) * times,
  emits: a.emits + (b.emits ?? 0) * times,
  signals: a.signals + (b.signals ?? 0) * times,
});

/** What lies one after the other on the way from the start to the end. */
export interface Course {
  readonly handlerMs: number;
  /** Messages that are waited for. */
  readonly hops: number;
  /** Requests that are waited for. */
  readonly requestsMs: number;
  /** Of `wait` states. */
  readonly pausesMs: number;
}
export const NO_COURSE: Course = { handlerMs: 0, hops: 0, requestsMs: 0, pausesMs: 0 };

export const coursePlus = (a: Course, b: Partial<Course>, times = 1): Course => ({
  handlerMs: a.handlerMs + (b.handlerMs ?? 0) * times,
  hops: a.hops + (b.hops ?? 0) * times,
  requestsMs: a.requestsMs + (b.requestsMs ?? 0) * times,
  pausesMs: a.pausesMs + (b.pausesMs ?? 0) * times,
});
