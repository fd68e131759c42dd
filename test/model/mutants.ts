/** Each rule of the protocol, named by what breaks it. `checkRun` must notice every one of them. */
export const MUTANTS = {
  // claim, run, settle
  nofence: "a settle looks at no fence",
  failureunfenced: "a failure is counted by whoever lost the fence too, and ends the newer holder's lease",
  noskew: "a lease counts as ended without the margin for clocks",
  nobackoff: "a step that failed is claimed before its delay has passed",
  repeatableoverwrites: "a repeatable step's settle is not conditioned on not settled",
  ackearly: "acknowledged after the settle, before the dispatch",
  ackfenced: "acknowledged when the fence is lost",
  ackthrown: "acknowledged though a write came to nothing, or its answer was lost",
  dropheld: "acknowledged when another holds the step",
  splitsettle: "output and decision are settled in two writes",
  sendbeforesettle: "dispatched before the settle",
  recompute: "a settled step is asked again where to go",
  // joins and inline steps
  countarrivals: "arrivals are counted, not collected",
  treestops: "who finds a set full that was full before does not arrive at the one above",
  nodecide: "a full join writes no decision",
  ignorewinner: "who loses the race to decide a join dispatches its own answer",
  skipinline: "a settled inline step is skipped, not walked through",
  // start
  headeroverwrites: "a start puts its header over one that stands",
  headerendsstart: "a start that finds a header is done",
  missingends: "a header that an eventual read did not find is believed to be missing",
  // retries and dead letters
  retrydrops: "a failure is acknowledged without a new message",
  crashuncounted: "a dead letter's step counts no crash",
  deadsettles: "a dead letter settles its step without a claim",
  deaddrops: "a dead letter that is no step's is dropped",
  deadsettleddrops: "a dead letter whose step has settled is dropped",
  deadhelddrops: "a dead letter whose step is held is dropped",
  // pause and resume
  parkrace: "parked without a look at the header",
  parkanyepoch: "parked whatever the header's epoch",
  ackunparked: "acknowledged when parking was refused",
  releasemissing: "parked with the claim still held",
  resumeany: "a resume deletes what was parked meanwhile",
  deletebeforesend: "a resume deletes before it sends",
  resumeonce: "a resume that finds the header running is done",
  pausedup: "a pause is carried out whatever turns came between",
  resumedup: "a resume is carried out whatever turns came between",
  succeedwaits: "an execution that is paused cannot succeed",
  stopwaits: "an execution that is paused cannot be stopped",
  // stop
  nodrain: "the header closes without a drain",
  drainstart: "the drain leaves a start that is undecided",
  drainjoins: "the drain leaves joins that are undecided",
  drainheld: "the header closes though a step is held",
  drainonce: "the drain does not look again after a step settled under its hands",
  closeheld: "the drain closes a step whose lease runs",
  endtwice: "succeeding is not conditioned on the status",
  // epochs
  oldepochclaim: "a message of a newer epoch works on the oldest records",
  newestview: "a message of an older epoch works on the newest records",
  oldepochacts: "succeed and stop are not conditioned on the epoch",
  staleheader: "an older epoch's header is believed",
  redriverunning: "what has not ended is redriven",
  editoverwrites: "an edit is put over one that stands",
  editlate: "the header turns before the edit is put",
  keepsets: "a redrive from a step keeps the sets of the joins behind it",
  keepsfail: "a redrive keeps records that decided to fail",
  keepsclosed: "a redrive keeps what the drain closed",
  runagain: "a step whose output stands runs again",
  lookbackonce: "an output stands only in the generation before",
  samekey: "a step that runs anew has its old idempotency key",
  // heal
  redrivesends: "a redrive ends without a heal",
  healshallow: "a heal dispatches the start's decision alone",
  healstopping: "a heal does not stop again what is stopping",
  // batches
  batchackall: "a batch is acknowledged whole when a message of it is done",
  ackbeforesend: "a message of a batch is acknowledged though its own sends failed",
} as const;

export type Mutant = keyof typeof MUTANTS;
export const isMutant = (name: string): name is Mutant => Object.hasOwn(MUTANTS, name);
