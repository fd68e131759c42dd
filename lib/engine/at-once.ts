/** Requests that do not depend on one another: several are under way at once, and never more than the service likes. */
const AT_ONCE = 25;

export async function atOnce<T, R>(all: Iterable<T>, each: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const entries = [...all].entries();
  const lane = async () => {
    for (const [i, one] of entries) results[i] = await each(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}
