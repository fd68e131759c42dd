import { describe, expect, it } from "vitest";
import { parseEnvironment, printEnvironment } from "../../../lib/contract/environment.ts";

const environment = {
  platform: "shop",
  queues: "https://sqs.eu-west-1.amazonaws.com/111122223333/",
  bucket: "shop-payloads-111122223333-eu-west-1",
  schedulerRole: "arn:aws:iam::111122223333:role/shop-scheduler",
  queueArns: "arn:aws:sqs:eu-west-1:111122223333:",
  clockMarginMs: 60_000,
  payloadLimitMiB: 32,
};

describe("a deployed function's environment", () => {
  it("that is printed is read back, whatever else is in it", () => {
    expect(parseEnvironment({ ...printEnvironment(environment), PATH: "/bin" })).toEqual(environment);
  });

  it("is printed as variables of ours, all of them text", () => {
    expect(printEnvironment(environment)).toEqual({
      PAWL_PLATFORM: "shop",
      PAWL_QUEUES: environment.queues,
      PAWL_BUCKET: environment.bucket,
      PAWL_SCHEDULER_ROLE: environment.schedulerRole,
      PAWL_QUEUE_ARNS: environment.queueArns,
      PAWL_CLOCK_MARGIN_MS: "60000",
      PAWL_PAYLOAD_LIMIT_MIB: "32",
    });
  });

  it("may have callbacks", () => {
    const callbacks = { ...environment, callbackSecret: "shop/callbacks", callbackUrl: "https://a.example/callbacks" };
    const printed = printEnvironment(callbacks);
    expect(printed).toMatchObject({
      PAWL_CALLBACK_SECRET: "shop/callbacks",
      PAWL_CALLBACK_URL: "https://a.example/callbacks",
    });
    expect(parseEnvironment(printed)).toEqual(callbacks);
  });

  it("may have clocks with no difference", () => {
    const none = { ...environment, clockMarginMs: 0 };
    expect(parseEnvironment(printEnvironment(none))).toEqual(none);
  });

  it.each(Object.keys(printEnvironment(environment)))("that lacks %s is refused by name", (name) => {
    expect(() => parseEnvironment({ ...printEnvironment(environment), [name]: undefined })).toThrow(
      expect.objectContaining({
        code: "usage",
        message: expect.stringMatching(new RegExp(`^this function's environment is not a deployed one's: ${name}: `)),
      }),
    );
  });

  it.each([
    ["PAWL_CLOCK_MARGIN_MS", "-1"],
    ["PAWL_CLOCK_MARGIN_MS", "1.5"],
    ["PAWL_CLOCK_MARGIN_MS", "a minute"],
    ["PAWL_PAYLOAD_LIMIT_MIB", "0"],
    ["PAWL_PAYLOAD_LIMIT_MIB", "many"],
    ["PAWL_PLATFORM", "My-Shop"],
  ])("whose %s is %j is refused", (name, value) => {
    expect(() => parseEnvironment({ ...printEnvironment(environment), [name]: value })).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });
});
