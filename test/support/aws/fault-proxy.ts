/**
 * Stands between the functions of one process and the stand-in, sees each request of theirs, and does what a plan says:
 * AWS as it is under load, and a process that ends between two requests or within one.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { type Forwarded, forward } from "./forward.ts";
import { type LocalServer, localServer } from "./local-server.ts";
import { dynamoError, type Scripted } from "./scripted-server.ts";

export type Fault =
  /** The table has no capacity: nothing is done. */
  | "throttled"
  /** Another transaction is at one of the items: nothing is done. Of `TransactWriteItems` alone. */
  | "conflicting"
  /** It is done, and the answer never comes. */
  | "lost"
  /** It is done twice: SQS delivers at least once. */
  | "twice"
  /** Whoever asks is dead, and it is not done, or it is. */
  | "diesBefore"
  | "diesAfter";

export interface Asked {
  /** As in the API reference: `UpdateItem`. */
  readonly operation: string;
  readonly input: unknown;
}

export interface FaultPlan {
  faultOf(asked: Asked): Fault | undefined;
  /** Of a request that took effect, as often as it is answered so. */
  done(asked: Asked): void;
  /** Ends whoever asks. */
  readonly kill: () => Promise<void>;
}

export async function faultProxy(target: string, plan: FaultPlan): Promise<LocalServer> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const asked = askedOf(request, body);
    const pass = async (): Promise<Forwarded> => {
      const answered = await forward(target, request, body);
      if (answered.status === 200) plan.done(asked);
      return answered;
    };
    const fault = plan.faultOf(asked);
    if (fault === "throttled") return say(response, THROTTLED);
    if (fault === "conflicting") return say(response, conflictOf(asked));
    if (fault === "diesBefore") return plan.kill();
    const answered = await pass();
    if (fault === "twice") await pass();
    if (fault === "diesAfter") return plan.kill();
    if (fault === "lost") request.socket.destroy();
    else answered.giveTo(response);
  }
  return localServer(answer);
}

/** `DynamoDB_20120810.UpdateItem` is what both JSON protocols have in a header; S3 has none. */
function askedOf({ headers }: IncomingMessage, body: Buffer): Asked {
  const target = headers["x-amz-target"];
  const operation = typeof target === "string" ? (target.split(".")[1] ?? "") : "";
  return { operation, input: operation === "" ? undefined : JSON.parse(body.toString()) };
}

function say(response: ServerResponse, { status, body }: Scripted): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
}

const THROTTLED = dynamoError("ProvisionedThroughputExceededException");

/** At the last of its items. */
function conflictOf({ input }: Asked): Scripted {
  const { TransactItems } = input as { readonly TransactItems: readonly unknown[] };
  const CancellationReasons = TransactItems.map((_, i) =>
    i === TransactItems.length - 1 ? { Code: "TransactionConflict" } : { Code: "None" },
  );
  return dynamoError("TransactionCanceledException", 400, { CancellationReasons });
}
