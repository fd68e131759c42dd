/**
 * Commits in a thread of its own, so that steps go on while what others have written is put on disk. One batch at a time:
 * what is written after it is on disk after it.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Batch } from "./batch.ts";
import type { CommitWorkerData, FromWorker, ToWorker } from "./commit-worker.ts";

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf("."));
const WORKER_FILE = new URL(`./commit-worker${EXTENSION}`, import.meta.url);
/** A disk that takes longer has failed, as far as anybody who waits can tell. */
const LONGEST_COMMIT_MS = 60_000;

/** Undefined: it is on disk. */
type Landed = (failure: Error | undefined) => void;

export class CommitThread {
  readonly #answers = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #port: MessagePort;
  #sent = 0;
  #ready = false;
  #landed: Landed | undefined;

  constructor(file: string) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: CommitWorkerData = { file, port: port2, answers: this.#answers };
    const worker = new Worker(WORKER_FILE, { workerData, transferList: [port2] });
    worker.unref();
    worker.once("error", (error) => {
      this.#ready = false;
      this.#land(error);
    });
    this.#port.on("message", (message: FromWorker) => this.#answer(message));
    this.#port.unref();
  }

  /** It takes a moment to start. */
  get ready(): boolean {
    return this.#ready;
  }

  /** @param landed told once. Not before what called this has returned. */
  commit(batch: Batch, landed: Landed): void {
    this.#landed = landed;
    this.#port.ref(); // the process does not end under it
    this.#send(batch);
  }

  /** Waits for the batch that is under way, if there is one, without giving anybody else a turn. */
  finish(): void {
    if (!this.#landed) return;
    this.#waitForAnswer();
    const told = receiveMessageOnPort(this.#port)?.message as FromWorker | undefined;
    this.#answer(told ?? { failure: "the thread that commits does not answer" });
  }

  close(): void {
    this.finish();
    this.#send("close");
    if (this.#ready) this.#waitForAnswer(); // else it has no connection, and makes none
    this.#port.close();
  }

  #send(message: ToWorker): void {
    this.#sent++;
    this.#port.postMessage(message);
  }
  #waitForAnswer(): void {
    Atomics.wait(this.#answers, 0, this.#sent - 1, LONGEST_COMMIT_MS);
  }

  #answer(message: FromWorker): void {
    if (message === "ready") this.#ready = true;
    else this.#land(message.failure === null ? undefined : new Error(message.failure));
  }
  #land(failure: Error | undefined): void {
    const landed = this.#landed;
    this.#landed = undefined;
    this.#port.unref();
    landed?.(failure);
  }
}
