import { launcherPath } from "../../platform/launcher_path.ts";
import type { Check } from "./finding.ts";

/** The launcher's answer to a command that it does not know. */
const usageStatus = 64;

/** Whether rund's own native program is there and may run: on a Mac an unsigned one is killed. */
export const checkLauncher: Check = async (host) => {
  const path = launcherPath();
  const about = { id: "launcher", title: "Launcher" };
  const result = await host.run(path, []);
  if (result.kind === "ended" && result.status === usageStatus)
    return [{ ...about, level: "ok", found: path }];
  const found = result.kind === "ended" ? `${path} ends with ${result.status}` : `${path}: ${result.kind}`;
  const sign = host.platform === "darwin" ? [`codesign --force --sign - ${path}`] : [];
  return [
    {
      ...about,
      level: "problem",
      found,
      why: "it makes every jail",
      fix: ["install rund anew, with bin and libexec side by side", ...sign],
    },
  ];
};
