import { CALLBACK_PATH, type HandOut } from "../contract/callback.ts";
import type { CallbackKeys } from "../ports/callback-keys.ts";

/** @param baseUrl where callbacks are answered: asked each time, since an engine may listen after it has begun to work */
export const issueCallbacks =
  (keys: Pick<CallbackKeys, "current">, baseUrl: () => string): HandOut =>
  async (callback) => {
    // Loaded when first needed: most processes never hand one out, and each would start later by it.
    const { signCallback } = await import("./token.ts");
    const token = await signCallback(callback, await keys.current());
    return { url: `${baseUrl().replace(/\/+$/, "")}${CALLBACK_PATH}/${token}`, token };
  };
