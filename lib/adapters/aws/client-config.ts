/**
 * What all SDK clients share: where they connect to, how long they wait, how often they try again, whom they tell.
 *
 *     const db = awsClient(DynamoDBClient, options);
 *
 * This file imports no client, so that a function loads those alone that it uses.
 */
import { type RequestNote, type Stacked, tellRequests } from "./requests.ts";

export interface AwsOptions {
  /** Default: the SDK's own, `AWS_REGION` for one. */
  readonly region?: string;
  /** Another place than AWS, LocalStack for one. Default: the SDK's own, `AWS_ENDPOINT_URL` for one. */
  readonly endpoint?: string;
  /** Default: the SDK's own chain. */
  readonly credentials?: Credentials | (() => Promise<Credentials>);
  /** Told of each request that was answered. It must not throw. */
  readonly onRequest?: (note: RequestNote) => void;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A throttle is waited out rather than handed on: seven retries, 0 to 20 s before each. */
export const MAX_ATTEMPTS = 8;
const CONNECTION_TIMEOUT_MS = 2_000;
/** From the request to the answer's first byte. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface ClientConfig extends Omit<AwsOptions, "onRequest"> {
  readonly maxAttempts: number;
  readonly retryMode: "standard";
  /** For the SDK's own HTTP handler, which keeps connections alive. */
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

export function awsClient<C extends { readonly middlewareStack: object }, More extends object = object>(
  Client: new (config: ClientConfig & More) => C,
  { onRequest, ...where }: AwsOptions,
  more?: More,
): C {
  const config: ClientConfig = {
    ...where,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  };
  const client = new Client({ ...config, ...(more as More) });
  // Every client's stack takes middleware of any client: what differs is the type of input and output alone.
  const stacked = client as unknown as Stacked;
  retryConflicts(stacked);
  if (onRequest) tellRequests(stacked, onRequest);
  return client;
}

/**
 * A write that meets a transaction on the same item took no effect and may be tried again at once ("Amazon DynamoDB
 * Transactions: How it works", conflicts); the SDK takes it for a mistake of the caller's, like any status 400.
 * Placed within the SDK's own retry, which asks each error for `$retryable`.
 */
function retryConflicts({ middlewareStack }: Stacked): void {
  middlewareStack.add(
    (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error && error.name === "TransactionConflictException")
          Object.assign(error, { $retryable: {} });
        throw error;
      }
    },
    { step: "finalizeRequest", name: "pawlRetryConflicts", priority: "low" },
  );
}
