/** What keeps somebody outside from a platform, told apart from a storage that fails under load, which will pass. */
import { isPawlError, messageOf, PawlError } from "../../errors.ts";

export interface Sought {
  readonly platform: string;
  readonly table: string;
  /** As far as it is known. */
  readonly region: string | undefined;
}

const MISSING = /^(ResourceNotFound(Exception)?|QueueDoesNotExist|NoSuchBucket)$/;
const DENIED =
  /^(AccessDenied(Exception)?|AccessDeniedForDependencyException|Forbidden|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|ExpiredToken(Exception)?|InvalidClientTokenId|InvalidAccessKeyId)$/;
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;
const NO_ANSWER =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|CERT_.*|.*_CERT.*|TimeoutError)$/;

/** The same error, or `platform_unreachable` where it says that the platform is not there for whoever asks. */
export function reachError(error: unknown, sought: Sought): unknown {
  const cause = isPawlError(error) ? error.cause : error;
  const why = cause === undefined ? undefined : whyOf(cause, sought);
  if (why === undefined) return error;
  const { platform, table, region } = sought;
  const where = region === undefined ? "" : ` in the region ${region}`;
  const what = `the platform '${platform}' (its table is ${table})${where} is not reached: ${why}`;
  return new PawlError("platform_unreachable", what, { ...sought }, error);
}

function whyOf(error: unknown, { table }: Sought): string | undefined {
  const { name, code } = error as { readonly name?: string; readonly code?: string };
  const said = messageOf(error);
  const names = [name, code, codeWithin(error)].filter((one) => one !== undefined);
  const is = (form: RegExp) => names.some((one) => form.test(one));
  if (/region is missing/i.test(said)) return "no region is given: set AWS_REGION, or name one";
  if (is(NO_CREDENTIALS))
    return `there are no credentials (${said}): set AWS_PROFILE, or sign in as your account asks you to`;
  if (is(MISSING))
    return `${said}: is it deployed to this account and region? If so, check AWS_PROFILE, AWS_REGION and PAWL_PLATFORM`;
  if (is(DENIED))
    return `access is refused (${name}: ${said}): check the credentials, and what they are granted on ${table}`;
  if (is(NO_ANSWER))
    return `nothing answers (${said || names.join(" ")}): check the network, and AWS_ENDPOINT_URL if it is set`;
  return undefined;
}

/** A connection that is tried on several addresses fails with all their errors in one. */
function codeWithin(error: unknown): string | undefined {
  return error instanceof AggregateError
    ? (error.errors[0] as { readonly code?: string } | undefined)?.code
    : undefined;
}
