const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Ctrl-C, or a stop from outside, ends what is open in good order; a second one ends the process there and then.
 *
 * @returns what takes this back
 */
export function onInterrupt(stop: () => unknown): () => void {
  let stopping = false;
  const listen = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
    stopping = true;
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, listen);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listen);
  };
}

/** Resolves with the first interrupt. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => void onInterrupt(resolve));
}

export function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
