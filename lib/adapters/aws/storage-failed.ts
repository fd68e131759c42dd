/** What AWS refused for good, after all retries, said in one line with what to do. */
import { messageOf, PawlError } from "../../errors.ts";

/** @param what the thing at fault with its name: `the table shop-log` */
export function storageFailed(what: string, error: unknown): PawlError {
  const { name, $metadata } = asSdkError(error);
  return new PawlError(
    "storage_failed",
    `${what} ${whyOf(name, error, $metadata?.attempts ?? 1)}`,
    { error: name, ...($metadata?.requestId !== undefined && { requestId: $metadata.requestId }) },
    error,
  );
}

interface SdkError {
  readonly name: string;
  readonly $metadata?: { readonly attempts?: number; readonly requestId?: string };
}
const asSdkError = (error: unknown): SdkError => (error instanceof Error ? error : { name: typeof error });

/** Every service has names of its own for these. */
const MISSING = /^(ResourceNotFound(Exception)?|NoSuchBucket|NotFound)$/;
const DENIED =
  /^(AccessDenied(Exception)?|Forbidden|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|ExpiredToken(Exception)?|InvalidAccessKeyId|CredentialsProviderError)$/;
const THROTTLED =
  /^(ProvisionedThroughputExceeded(Exception)?|RequestLimitExceeded|RequestThrottled(Exception)?|Throttling(Exception)?|ThrottledException|TooManyRequestsException|SlowDown|TransactionConflictException)$/;

function whyOf(name: string, error: unknown, attempts: number): string {
  const said = messageOf(error);
  if (MISSING.test(name))
    return `is not there (${said}): deploy the platform first, or name another platform or region`;
  if (DENIED.test(name)) return `refused access (${name}: ${said}): check the credentials and what the role is granted`;
  if (THROTTLED.test(name))
    return `had no capacity left after ${attempts} attempts (${name}: ${said}): nothing is lost, it is tried again when the message comes back`;
  return `failed after ${attempts} attempts (${name}: ${said})`;
}
