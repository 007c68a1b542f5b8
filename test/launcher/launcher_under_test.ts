import { buildLauncher, buildSanitizedLauncher } from "../../scripts/build_launcher.ts";

/** The launcher that the tests run: with `RUND_TEST_SANITIZED=1` the one with address and undefined-behaviour checks. */
export const launcher =
  process.env["RUND_TEST_SANITIZED"] === "1" ? buildSanitizedLauncher() : buildLauncher();
