/**
 * Names become queues, row keys, metrics and properties, so they are camelCase and short. `/ ~ # ! ?` are reserved for
 * paths and references. AWS allows 64 characters for a function's name and 80 for a queue's; ours are a part of those.
 */
export const NAME = /^[a-z][a-zA-Z0-9]{0,31}$/;
export const NAME_RULE = "a name is camelCase, begins with a small letter and has at most 32 letters and digits";

/** Execution ids: visible, safe in a URL, a key and a file name, and without the characters that paths reserve. */
export const EXECUTION_ID = /^[A-Za-z0-9][A-Za-z0-9._:@=+-]{0,127}$/;
export const EXECUTION_ID_RULE =
  "an execution id has 1 to 128 letters, digits or . _ : @ = + - and begins with a letter or digit";

export const kebab = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

/** EventBridge: `source` and `detail-type` have at most 256 and 128 characters; `aws.` is AWS's own. */
export const EVENT_SOURCE = /^(?!aws\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,255}$/;
export const EVENT_TYPE = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$/;
