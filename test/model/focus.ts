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
const OFTEN: Focus = {
  graph: [
    {
      kind: "parallel",
      branches: [
        [task, task, task],
        [task, task, task],
      ],
    },
  ],
  weather: { ...calm, pause: 0.4, pausesMost: 4, sleep: 0.1, batch: 1, receivesMost: 12 },
};

const slow: Sequence = [task, task, task];
const failing: Task = { ...task, flaky: true };
const undoable: Task = { ...task, undo: "sure" };

export const FOCUS: Partial<Record<Mutant, Focus>> = {
  throwdrops: {
    graph: [{ kind: "map", items: 3, lanes: 1, tolerates: true, body: throwing.slice(1) }],
    weather: calm,
  },
  closedrops: {
    graph: [{ kind: "block", body: [{ kind: "parallel", branches: [[failing], slow, slow] }], handler: [task] }],
    weather: { ...calm, crash: 0.02, sleep: 0.05, batch: 1 },
  },
  closewide: {
    graph: [{ kind: "block", body: [{ kind: "parallel", branches: [[failing], [task]] }], handler: slow }],
    weather: { ...calm, crash: 0.02, sleep: 0.05, duplicate: 0.3, batch: 1 },
  },
  keepscause: {
    graph: [{ kind: "race", branches: [[failing], slow] }],
    weather: { ...calm, redrive: 0.5, redrivesMost: 3 },
  },
  drainassigned: {
    graph: [{ kind: "parallel", branches: [[{ kind: "wait", ticks: 90, signal: "yes" }], slow] }],
    weather: { ...calm, cancel: 0.05, signal: 0.05, crash: 0.03 },
  },
  signalbuffers: {
    graph: [{ kind: "wait", ticks: 90, signal: "yes" }],
    weather: { ...calm, signal: 0.05 },
  },
  childfailure: {
    graph: [{ kind: "call", child: [failing], detached: false }],
    weather: { ...calm },
  },
  stuckkeeps: {
    graph: [{ ...task, undo: "flaky" }, failing],
    weather: { ...calm, cancel: 0.02, crash: 0.02 },
  },
  undonelooksonce: {
    graph: [{ ...task, undo: "flaky" }, failing],
    weather: { ...calm, crash: 0.02, redrive: 0.5, redrivesMost: 5 },
  },
  stuckturns: {
    graph: [{ ...task, undo: "flaky" }, failing],
    weather: { ...calm, crash: 0.05, sleep: 0.05, duplicate: 0.2, redrive: 0.5, redrivesMost: 5 },
  },
  undoesagain: {
    graph: [{ kind: "race", branches: [[task, task], [{ kind: "race", branches: [[undoable], [undoable, task]] }]] }],
    weather: { ...calm, crash: 0.02, cancel: 0.03, redrive: 0.5, redrivesMost: 5 },
  },
  undolooksonce: {
    graph: [{ kind: "parallel", branches: [[undoable], [undoable, undoable]] }],
    weather: { ...calm, crash: 0.05, sleep: 0.05, cancel: 0.03, redrive: 0.5, redrivesMost: 5 },
  },
  ackunparked: { ...RESUMES, weather: { ...RESUMES.weather, sleep: 0.02 } },
  deletebeforesend: { ...RESUMES, weather: { ...RESUMES.weather, crash: 0.05 } },
  staleheader: {
    graph: throwing,
    weather: { ...calm, redrive: 0.5, redrivesMost: 5, staleness: 120, batch: 1 },
  },
  drainstart: { graph: [task], weather: { ...calm, crash: 0.05, cancel: 0.1 } },
  runagain: {
    graph: throwing,
    weather: { ...calm, crash: 0.02, redrive: 0.5, redrivesMost: 5 },
  },
  ackfenced: {
    graph: [task, task],
    weather: { ...calm, crash: 0.04, sleep: 0.08, batch: 1, receivesMost: 12 },
  },
  batchackall: {
    graph: [{ kind: "parallel", branches: [[task], [task], [task], [task]] }],
    weather: { ...calm, sleep: 0.02, refuse: 0.03, batch: 10 },
  },
  resumeany: OFTEN,
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
