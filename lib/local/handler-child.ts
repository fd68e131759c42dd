/**
 * The process that handlers run in: it loads them once, runs the attempts that its parent sends, many at once, and
 * answers each. It ends when its parent does.
 */
import { Worker } from "node:worker_threads";
import type { Callback, HandedOut, HandOut } from "../contract/callback.ts";
import { messageOf } from "../errors.ts";
import type { Json } from "../model/json.ts";
import { AttemptsHere } from "../node/attempts-here.ts";
import type { Ending } from "../node/ending.ts";
import type { Handler } from "../node/implement.ts";
import { type LogLine, runAttempt } from "../node/run-attempt.ts";
import type { Beat, HandlerCall, HandlerOutcome, Remember } from "../ports/handlers.ts";

/** Built files, as URLs, that export a workflow's handlers by the names of its nodes; by workflow. */
export type HandlerEntries = Readonly<Record<string, string>>;

export type ToChild =
  | { readonly kind: "load"; readonly entries: HandlerEntries }
  | { readonly kind: "call"; readonly id: number; readonly call: HandlerCall }
  /** `error`: it is not, and why. */
  | { readonly kind: "remembered"; readonly id: number; readonly name: string; readonly error?: string }
  /** The answer to a beat. */
  | { readonly kind: "beaten"; readonly id: number; readonly answer: Awaited<ReturnType<Beat>> }
  | { readonly kind: "abort"; readonly execution: string; readonly scope: string }
  /** `error`: it is not, and why. */
  | { readonly kind: "handedOut"; readonly request: number; readonly given?: HandedOut; readonly error?: string }
  | { readonly kind: "end" };
export type FromChild =
  /** `problems`: what could not be loaded, by workflow. The others run. */
  | { readonly kind: "loaded"; readonly problems: Readonly<Record<string, string>> }
  | { readonly kind: "outcome"; readonly id: number; readonly outcome: HandlerOutcome }
  | { readonly kind: "log"; readonly line: Parameters<LogLine>[0] }
  /** To be answered once it is on disk. */
  | { readonly kind: "remember"; readonly id: number; readonly name: string; readonly value: Json }
  | { readonly kind: "beat"; readonly id: number }
  /** To be signed: the keys are not in this process. */
  | { readonly kind: "handOut"; readonly id: number; readonly request: number; readonly callback: Callback }
  /** An exception that nobody caught: the last message before the end. */
  | { readonly kind: "uncaught"; readonly message: string };

type Loaded = ReadonlyMap<string, Handler> | { readonly problem: string };

const send = process.send?.bind(process) as ((message: FromChild) => boolean) | undefined;
// Without a parent there is nothing to do: somebody has run or imported this file by mistake.
if (send) serve(send);

function serve(send: (message: FromChild) => boolean): void {
  process.setSourceMapsEnabled(true);
  endWithParent();
  process.on("uncaughtExceptionMonitor", (error: unknown) => void send({ kind: "uncaught", message: told(error) }));

  const log: LogLine = (line) => void send({ kind: "log", line });
  let loaded: ReadonlyMap<string, Loaded> = new Map();
  /** Parts of handlers that are about to be remembered, by attempt and name. */
  const remembering = new Map<string, PromiseWithResolvers<void>>();
  /** Who waits for the answer to a beat, by attempt. */
  const beating = new Map<number, (answer: Awaited<ReturnType<Beat>>) => void>();
  const attempts = new AttemptsHere();
  /** Callbacks that are about to be handed out. */
  const handingOut = new Map<number, PromiseWithResolvers<HandedOut>>();
  let requests = 0;
  const run = async (id: number, call: HandlerCall): Promise<HandlerOutcome> => {
    const of = loaded.get(call.workflow);
    if (of && "problem" in of) return failed(of.problem);
    const handler = of?.get(call.node);
    const remember: Remember = (name, value) => {
      const answer = Promise.withResolvers<void>();
      remembering.set(`${id} ${name}`, answer);
      send({ kind: "remember", id, name, value });
      return answer.promise;
    };
    const beat: Beat = () =>
      new Promise((resolve) => {
        beating.set(id, resolve);
        send({ kind: "beat", id });
      });
    const handOut: HandOut = (callback) => {
      const answer = Promise.withResolvers<HandedOut>();
      const request = ++requests;
      handingOut.set(request, answer);
      send({ kind: "handOut", id, request, callback });
      return answer.promise;
    };
    const telling = { log, remember, beat, handOut };
    const attempt = (of: Handler) => (ending: Ending) => runAttempt(of, call, { ...telling, ending });
    if (handler) return await attempts.with(call.step, attempt(handler)).finally(() => beating.delete(id));
    return failed(`no handler of '${call.node}' is loaded for workflow '${call.workflow}'`);
  };
  const answer = async (id: number, call: HandlerCall): Promise<void> => {
    const outcome = await run(id, call);
    try {
      send({ kind: "outcome", id, outcome });
    } catch (error) {
      send({ kind: "outcome", id, outcome: failed(`what the handler gave is not JSON: ${messageOf(error)}`) });
    }
  };
  const receive = async (message: ToChild): Promise<void> => {
    if (message.kind === "end") process.exit();
    if (message.kind === "abort") return attempts.abort(message.execution, message.scope);
    if (message.kind === "beaten") return beating.get(message.id)?.(message.answer);
    if (message.kind === "call") return await answer(message.id, message.call);
    if (message.kind === "remembered") {
      const { id, name, error } = message;
      const waiting = remembering.get(`${id} ${name}`);
      remembering.delete(`${id} ${name}`);
      return error === undefined ? waiting?.resolve() : waiting?.reject(new Error(error));
    }
    if (message.kind === "handedOut") {
      const { request, given, error } = message;
      const waiting = handingOut.get(request);
      handingOut.delete(request);
      return given ? waiting?.resolve(given) : waiting?.reject(new Error(error));
    }
    loaded = await load(message.entries);
    const problems = [...loaded].flatMap(([name, of]) => ("problem" in of ? [[name, of.problem] as const] : []));
    send({ kind: "loaded", problems: Object.fromEntries(problems) });
  };
  process.on("message", (message: ToChild) => void receive(message));
}

async function load(entries: HandlerEntries): Promise<ReadonlyMap<string, Loaded>> {
  const loading = Object.entries(entries).map(
    async ([workflow, url]) => [workflow, await loadOne(workflow, url)] as const,
  );
  return new Map(await Promise.all(loading));
}

async function loadOne(workflow: string, url: string): Promise<Loaded> {
  try {
    const exported = Object.entries((await import(url)) as Record<string, Partial<Handler> | undefined>);
    const other = exported.find(([node, handler]) => handler?.kind !== "handler" || handler.node?.node !== node);
    if (!other) return new Map(exported as [string, Handler][]);
    const [node, value] = other;
    const found = value?.kind === "handler" ? `implement(${value.node?.node}, …)` : `a ${typeof value}`;
    return { problem: `the handler of '${node}' of workflow '${workflow}' is ${found}, not implement(${node}, …)` };
  } catch (error) {
    return { problem: `the handlers of workflow '${workflow}' cannot be loaded: ${told(error)}` };
  }
}

const failed = (message: string): HandlerOutcome => ({ kind: "error", code: "handler_failed", message, final: false });

/** With the first line of the stack that is in a file of the user's. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error}: ${messageOf(error)}`;
  const where = error.stack?.split("\n").find((line) => /^\s+at /.test(line) && !line.includes("node:"));
  return `${error.name}: ${error.message}${where ? ` (${where.trim()})` : ""}`;
}

/** A handler that blocks this thread would outlive a parent that was killed; the other thread sees that it is gone. */
function endWithParent(): void {
  process.on("disconnect", () => process.exit());
  // Ctrl+C reaches every process of the terminal; the parent lets attempts finish and then ends this one.
  process.on("SIGINT", () => {});
  const watchdog = `setInterval(() => process.ppid === ${process.ppid} || process.kill(${process.pid}, "SIGKILL"), 1000)`;
  new Worker(watchdog, { eval: true, execArgv: [], stdout: false, stderr: false }).unref();
}
