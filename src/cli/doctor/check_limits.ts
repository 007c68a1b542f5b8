import { type Check, type Finding, printed } from "./finding.ts";

const enough = 10_240;

/** How many files may be open: each file that a jail has open through bindfs is one of bindfs's own. */
export const checkLimits: Check = async (host) => {
  const [soft, hard] = (printed(await host.run("sh", ["-c", "ulimit -Sn; ulimit -Hn"])) ?? "").split("\n");
  const system =
    host.platform === "darwin"
      ? printed(await host.run("sysctl", ["-n", "kern.maxfilesperproc"]))
      : undefined;
  const most = Math.min(limit(hard), limit(system));
  const finding: Finding = {
    id: "open-files",
    title: "Open files",
    level: most < enough ? "warning" : "ok",
    found: `${soft || "unknown"} at first, up to ${most === Number.POSITIVE_INFINITY ? "any number" : most}`,
  };
  if (most >= enough) return [finding];
  const fix =
    host.platform === "darwin"
      ? ["sudo sysctl kern.maxfilesperproc=61440", "sudo launchctl limit maxfiles 61440 unlimited"]
      : ["LimitNOFILE=1048576 in containerd's systemd unit"];
  return [
    { ...finding, why: "Xcode and the like have thousands open at once; bindfs needs one for each", fix },
  ];
};

function limit(text: string | undefined): number {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? Number.POSITIVE_INFINITY : number;
}
