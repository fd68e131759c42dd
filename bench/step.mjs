// The step that every engine runs, and the payload that goes through it: about 1 KB of JSON, the same for the same id.
export async function work(payload, id, i) {
  const marks = globalThis.__marks?.get(id);
  if (marks) marks[i] = performance.now();
  return { ...payload, counter: payload.counter + 1 };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
export function payload(id) {
  let seed = 7;
  for (const c of id) seed = (Math.imul(seed, 31) + c.charCodeAt(0)) | 0;
  let data = "";
  for (let k = 0; k < 960; k++) {
    seed = (Math.imul(seed, 1103515245) + 12345) | 0;
    data += ALPHABET[(seed >>> 16) & 63];
  }
  return { id, counter: 0, data };
}
