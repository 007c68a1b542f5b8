import { build } from "../../common/build.ts";
import { features } from "../../oci/features.ts";
import { platform } from "../../platform/platform.ts";
import { defineCommand } from "../command.ts";
import { print } from "../print.ts";

const usage = {
  name: "rund features",
  synopsis: "",
  text: "Prints what of the OCI runtime specification a jail can have on this system, as JSON.",
  flags: {},
  anyUser: true,
} as const;

export const featuresCommand = defineCommand(usage, () => {
  print(`${JSON.stringify(features(platform().name, build.version), undefined, 4)}\n`);
  return 0;
});
