import { describe, expect, it } from "vitest";
import { assertIdentifier, parseShimArguments } from "../../../src/shim/arguments.ts";

describe("parseShimArguments", () => {
  it("reads what containerd 2.1 calls start with", () => {
    const args = [
      "-namespace",
      "default",
      "-address",
      "/run/c.sock",
      "-publish-binary",
      "/bin/containerd",
      "-id",
      "a",
      "start",
    ];
    expect(parseShimArguments(args)).toMatchObject({
      action: "start",
      namespace: "default",
      address: "/run/c.sock",
      id: "a",
      bundle: "",
      logLevel: "info",
    });
  });

  it("takes one dash or two, and a value after an equals sign", () => {
    const args = ["--namespace=n", "-id=a=b", "-debug", "--bundle", "/b", "delete"];
    expect(parseShimArguments(args)).toMatchObject({
      namespace: "n",
      id: "a=b",
      logLevel: "debug",
      bundle: "/b",
      action: "delete",
    });
  });

  it("stops at the first word that is no flag", () => {
    expect(parseShimArguments(["start", "-debug"])).toMatchObject({ action: "start", logLevel: "info" });
  });

  it("keeps an empty value, which containerd writes for an unset address", () => {
    expect(parseShimArguments(["-address", "", "-id", "a", "start"])).toMatchObject({ address: "", id: "a" });
  });

  it("takes -debug=false as off", () => {
    expect(parseShimArguments(["-debug=false", "start"]).logLevel).toBe("info");
  });

  it.each([
    [["-nonsense", "start"], "flag provided but not defined: -nonsense"],
    [["-id"], "flag needs an argument: -id"],
  ])("refuses %j", (args, message) => {
    expect(() => parseShimArguments(args)).toThrow(message);
  });
});

describe("assertIdentifier", () => {
  it.each(["a", "A9", "a-b_c.d", "x".repeat(76)])("takes %s", (id) => {
    expect(() => assertIdentifier("id", id)).not.toThrow();
  });

  it.each(["", "/", "a/b", "..", "-a", "a-", "a b", "a\nb", "a\0", "é", "x".repeat(77)])(
    "refuses %j",
    (id) => {
      expect(() => assertIdentifier("id", id)).toThrow(/^id ".*": must be/s);
    },
  );
});
