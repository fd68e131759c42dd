/**
 * The page that a person sees: what is asked, a button for each allowed answer, a field for each text that the answer
 * may have besides. No script, nothing from elsewhere.
 */
import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { z } from "zod";
import type { Callback } from "../contract/callback.ts";
import type { Json } from "../model/json.ts";
import { isObject } from "./answers.ts";
import type { OpenCallback } from "./receive-callback.ts";

type Page = ReturnType<typeof html>;

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}
label{display:block;margin:1rem 0}textarea{display:block;width:100%;font:inherit}
button{font:inherit;padding:.5rem 1rem;margin:1rem .5rem 0 0}small{color:#555}@media(prefers-color-scheme:dark){html{color-scheme:dark}small{color:#aaa}}`;
/** For the page's Content-Security-Policy: this style, and no other. */
export const STYLE_HASH = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;

export function askingPage({ callback, schema }: OpenCallback): Page {
  const { answers } = callback;
  const words = answers ? Object.keys(answers) : [undefined];
  const buttons = words.map(
    (word) => html`<button type="submit" name="answer" value="${word ?? ""}">${word ?? "Send"}</button>`,
  );
  const fields = textsOf(callback, schema).map(
    ({ name, required }) =>
      html`<label>${name}<textarea name="${FIELD}${name}" rows="3" ${required ? raw("required") : ""}></textarea></label>`,
  );
  return page(
    `${callback.signal}?`,
    html`${about(callback)}
<form method="post">${fields}${buttons}</form>
<p><small>It can be answered once, until ${until(callback)}. Whoever has this address can answer.</small></p>`,
  );
}

export const answeredPage = (callback: Callback): Page =>
  page("Thank you", html`${about(callback)}<p>Your answer is recorded. You can close this page.</p>`);

export const refusedPage = (message: string): Page => page("No answer is taken here", html`<p>${message}</p>`);

const about = ({ execution, signal, subject }: Callback): Page =>
  html`<p><b>${signal}</b> of <b>${execution}</b><br><small>for ${subject}</small></p>`;

const until = ({ expiresAtMs }: Callback): string =>
  `${new Date(expiresAtMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const page = (title: string, body: Page): Page => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${title}</title><style>${raw(STYLE)}</style></head>
<body><h1>${title}</h1>
${body}
</body></html>`;

/** What a field's name begins with, so that no text of an answer is taken for the answer's word. */
const FIELD = "text.";

/** Texts that the signal's data may have and no allowed answer fixes. Whatever else it may have is for programs. */
function textsOf(
  { answers }: Callback,
  schema: z.ZodType<Json>,
): readonly { readonly name: string; readonly required: boolean }[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  const fixed = new Set(
    Object.values(answers ?? {}).flatMap((answer) => (isObject(answer) ? Object.keys(answer) : [])),
  );
  return Object.entries(properties)
    .filter(
      ([name, of]) =>
        typeof of === "object" && of.type === "string" && !of.enum && of.const === undefined && !fixed.has(name),
    )
    .map(([name]) => ({ name, required: required.includes(name) }));
}

/** The signal's data as a form gives it; undefined: its word is none of the allowed ones. */
export function dataIn(form: Readonly<Record<string, unknown>>, { answers }: Callback): Json | undefined {
  const word = form.answer;
  if (typeof word !== "string" || (answers && !Object.hasOwn(answers, word))) return undefined;
  const answer = answers ? answers[word] : {};
  if (!isObject(answer)) return answer;
  const texts = Object.entries(form).flatMap(([name, text]) =>
    name.startsWith(FIELD) && typeof text === "string" && text !== ""
      ? [[name.slice(FIELD.length), text] as const]
      : [],
  );
  return { ...Object.fromEntries(texts), ...answer };
}
