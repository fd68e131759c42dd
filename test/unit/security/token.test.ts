import fc from "fast-check";
import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { MOST_TOKEN } from "../../../lib/contract/callback.ts";
import { signCallback, verifyCallback } from "../../../lib/security/token.ts";
import { aCallback, keyOf, MemoryKeys, NOW_MS } from "../../support/callbacks.ts";

const key = keyOf("k1");
const keys = new MemoryKeys(key);
const code = (of: string, message = /./) =>
  expect.objectContaining({ code: of, message: expect.stringMatching(message) });
const verify = (token: string, atMs = NOW_MS, by = keys) => verifyCallback(token, by, atMs);
const partsOf = (token: string): [string, string, string] => token.split(".") as [string, string, string];
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a callback's token", () => {
  it("gives back what was signed", async () => {
    expect(await verify(await signCallback(aCallback(), key))).toEqual(aCallback());
    const { answers: _, ...free } = aCallback();
    expect(await verify(await signCallback(free, key))).toEqual(free);
  });

  it("is the same each time", async () => {
    expect(await signCallback(aCallback(), key)).toBe(await signCallback(aCallback(), key));
  });

  it("holds until the last moment of its time, and not at its end", async () => {
    const token = await signCallback(aCallback({ expiresAtMs: NOW_MS }), key);
    await expect(verify(token, NOW_MS - 1)).resolves.toBeDefined();
    await expect(verify(token, NOW_MS)).rejects.toEqual(code("callback_expired", /until 2026-11-23T12:00:00/));
  });

  it("is forged when any of its characters is another one", async () => {
    const token = await signCallback(aCallback(), key);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(..."AZaz09-_"), async (at, other) => {
        if (token[at] === "." || token[at] === other) return;
        const changed = token.slice(0, at) + other + token.slice(at + 1);
        await expect(verify(changed)).rejects.toEqual(
          expect.objectContaining({ code: expect.stringMatching(/^callback_(forged|malformed)$/) }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("is forged when its claims are changed and its signature is kept", async () => {
    const [header, payload, signature] = partsOf(await signCallback(aCallback(), key));
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
    for (const change of [
      { execution: "purchase/1" },
      { exp: 9_999_999_999 },
      { answers: undefined },
      { jti: "other" },
    ])
      await expect(verify(`${header}.${base64({ ...claims, ...change })}.${signature}`)).rejects.toEqual(
        code("callback_forged", /signature/),
      );
  });

  it("is forged when it asks for no signature, or for another one", async () => {
    const { id, subject, expiresAtMs, ...rest } = aCallback();
    const claims = { ...rest, jti: id, sub: subject, exp: expiresAtMs / 1000 };
    const none = new UnsecuredJWT(claims).encode();
    await expect(verify(none)).rejects.toEqual(code("callback_forged", /another way/));
    for (const alg of ["none", "None", "HS384", "RS256"]) {
      const header = base64({ alg, typ: "pawl-callback+jwt", kid: key.id });
      for (const signature of ["", partsOf(await signCallback(aCallback(), key))[2]])
        await expect(verify(`${header}.${base64(claims)}.${signature}`)).rejects.toEqual(code("callback_forged"));
    }
    const [header, payload] = partsOf(await signCallback(aCallback(), key));
    await expect(verify(`${header}.${payload}.`)).rejects.toEqual(code("callback_forged", /signature/));
  });

  it("is forged when another key signed it, under whatever name", async () => {
    const stranger = keyOf("k2");
    await expect(verify(await signCallback(aCallback(), stranger))).rejects.toEqual(code("callback_forged", /no key/));
    await expect(verify(await signCallback(aCallback(), { ...stranger, id: key.id }))).rejects.toEqual(
      code("callback_forged", /signature/),
    );
    const two = new MemoryKeys(key, stranger);
    const [, payload, signature] = partsOf(await signCallback(aCallback(), key));
    const [swapped] = partsOf(await signCallback(aCallback(), stranger));
    await expect(verify(`${swapped}.${payload}.${signature}`, NOW_MS, two)).rejects.toEqual(code("callback_forged"));
  });

  it("that is forged and expired is called forged: nobody learns more of one that they made up", async () => {
    const token = await signCallback(aCallback({ expiresAtMs: NOW_MS - 1000 }), { ...keyOf("k2"), id: key.id });
    await expect(verify(token)).rejects.toEqual(code("callback_forged"));
  });

  it("holds after the next key signs, until its own is taken away", async () => {
    const rotating = new MemoryKeys(key);
    const token = await signCallback(aCallback(), await rotating.current());
    rotating.keys = [keyOf("k2"), key];
    expect((await rotating.current()).id).toBe("k2");
    await expect(verify(token, NOW_MS, rotating)).resolves.toEqual(aCallback());
    rotating.keys = [keyOf("k2")];
    await expect(verify(token, NOW_MS, rotating)).rejects.toEqual(code("callback_forged", /no key/));
  });

  it("of our key that is no callback is malformed", async () => {
    const sign = (claims: Record<string, unknown>, typ = "pawl-callback+jwt") =>
      new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ, kid: key.id }).sign(key.secret);
    const { id: jti, subject: sub, ...rest } = aCallback();
    const claims = { ...rest, jti, sub, exp: NOW_MS / 1000 + 60 };
    await expect(verify(await sign(claims))).resolves.toBeDefined();
    await expect(verify(await sign(claims, "JWT"))).rejects.toEqual(code("callback_malformed"));
    for (const missing of ["jti", "sub", "exp", "execution", "path", "signal"])
      await expect(verify(await sign({ ...claims, [missing]: undefined }))).rejects.toEqual(code("callback_malformed"));
    await expect(verify(await sign({ ...claims, execution: "no execution" }))).rejects.toEqual(
      code("callback_malformed"),
    );
  });

  it.each(["", ".", "..", "a.b.c", "a.b", "x".repeat(MOST_TOKEN + 1), "eyJhbGciOiJIUzI1NiJ9.e30.", "💥"])(
    "that is %j is malformed or forged, and nothing else is looked at",
    async (text) => {
      const asked: string[] = [];
      const byId = async (id: string) => void asked.push(id) as undefined;
      await expect(verifyCallback(text, { byId }, NOW_MS)).rejects.toEqual(
        expect.objectContaining({ code: expect.stringMatching(/^callback_(malformed|forged)$/) }),
      );
      expect(asked).toEqual([]);
    },
  );

  it("that no address has room for is not signed", async () => {
    const long = aCallback({ answers: { Approve: "x".repeat(MOST_TOKEN) } });
    await expect(signCallback(long, key)).rejects.toThrow(/4000: give shorter answers/);
  });

  it("is not verified while its key cannot be had: the reason is not the token's", async () => {
    const token = await signCallback(aCallback(), key);
    const byId = async () => Promise.reject(new TypeError("the network is down"));
    await expect(verifyCallback(token, { byId }, NOW_MS)).rejects.toThrow("the network is down");
  });
});
