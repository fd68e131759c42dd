/** Corners where mutants live that a run meets too seldom by chance. */
import type { Sequence, Task } from "./graph.ts";
import type { Mutant } from "./mutants.ts";
import type { Focus } from "./simulate.ts";

const task: Task = { kind: "task", inline: false, repeatable: false, flaky: false, poison: false };
const repeatable: Task = { ...task, repeatable: true };
const throwing: Sequence = [task, { kind: "choice", branches: [[task], []], throws: 0.7 }];

const calm = { crash: 0, duplicate: 0, refuse: 0, purge: 0, heal: 0, sleep: 0, pause: 0, cancel: 0, redrive: 0 };
const RESUMES: Focus = {
  graph: [{ kind: "parallel", branches: [[task, task], [task, task], [task]] }],
  weather: { ...calm, pause: 0.15, pausesMost: 4, sleep: 0.06, batch: 1, receivesMost: 12 },
};

export const FOCUS: Partial<Record<Mutant, Focus>> = {
  ackfenced: {
    graph: [task, task],
    weather: { ...calm, crash: 0.04, sleep: 0.08, batch: 1, receivesMost: 12 },
  },
  batchackall: {
    graph: [{ kind: "parallel", branches: [[task], [task], [task], [task]] }],
    weather: { ...calm, sleep: 0.02, refuse: 0.03, batch: 10 },
  },
  resumeany: RESUMES,
  parkrace: { ...RESUMES, weather: { ...RESUMES.weather, sleep: 0.02 } },
  stopwaits: {
    graph: [
      { ...task, flaky: true },
      { ...task, flaky: true },
    ],
    weather: { ...calm, pause: 0.1, pausesMost: 2, batch: 1, receivesMost: 12 },
  },
  resumeonce: { ...RESUMES, weather: { ...RESUMES.weather, crash: 0.05 } },
  lookbackonce: { graph: throwing, weather: { ...calm, redrive: 0.5, redrivesMost: 5 } },
  parkanyepoch: {
    graph: [repeatable, task, repeatable],
    weather: {
      ...calm,
      ...{ pause: 0.2, pausesMost: 4, sleep: 0.05, duplicate: 0.5, cancel: 0.03, redrive: 0.5, redrivesMost: 5 },
      ...{ staleness: 120, batch: 1, receivesMost: 12 },
    },
  },
};
