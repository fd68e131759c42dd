import { describe, expect, it } from "vitest";
import { Ending } from "../../lib/node/ending.ts";

describe("an attempt that is to end", () => {
  it("tells the handler that has asked, with the reason", () => {
    const ending = new Ending();
    const { signal } = ending;
    expect(signal.aborted).toBe(false);
    ending.begin("time is over");
    expect(signal.reason).toEqual(new Error("time is over"));
    expect(ending.signal).toBe(signal);
  });

  it("tells the handler that asks later, with the first reason", () => {
    const ending = new Ending();
    ending.begin("time is over");
    ending.begin("the execution is ending");
    expect(ending.signal.reason).toEqual(new Error("time is over"));
  });
});
