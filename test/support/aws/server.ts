/** Starts MiniStack on a free port of 127.0.0.1, ready when the promise resolves. It ends with this process at the latest. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../../.cache", import.meta.url));
const keeper = fileURLToPath(new URL("keeper.ts", import.meta.url));
const serve = fileURLToPath(new URL("serve.py", import.meta.url));
const startWithinMs = 60_000;

export interface Server {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export async function startServer(python: string): Promise<Server> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  mkdirSync(cache, { recursive: true });
  const log = join(cache, "ministack.log");
  const output = openSync(log, "w");
  const child = spawn(process.execPath, [keeper, python, serve], {
    env: environment(port),
    detached: true,
    stdio: ["pipe", output, output],
  });
  closeSync(output);
  const exited = once(child, "exit");
  const stop = async () => {
    child.stdin?.end();
    await exited;
  };
  const deadline = performance.now() + startWithinMs;
  while (!(await isReady(endpoint))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() > deadline) {
      await stop();
      const what = ended ? "ended while starting" : `was not ready after ${startWithinMs / 1000} s`;
      throw new Error(`MiniStack on port ${port} ${what}; see .cache/ministack.log, which ends with:\n${tail(log)}`);
    }
    await sleep(50);
  }
  return { endpoint, stop };
}

/**
 * Nothing of the machine's but PATH: Lambdas inherit it all, so that a variable which a function forgets to declare would be there.
 * The node that runs Lambdas is the first on PATH.
 */
function environment(port: number): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    LANG: "C.UTF-8",
    BIND_HOST: "127.0.0.1",
    MINISTACK_HOST: "127.0.0.1",
    GATEWAY_PORT: String(port),
    // Each would listen on a port of its own.
    SFTP_ENABLED: "0",
    IOT_MTLS_ENABLED: "0",
  };
}

async function isReady(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_ministack/ready`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error(`a TCP server is at ${address}, not at a port`);
  return address.port;
}

function tail(log: string): string {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-20).join("\n");
}
