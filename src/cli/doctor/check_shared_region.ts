import { type Check, printed } from "./finding.ts";

const setting = "vm.shared_region_destroy_delay";

/** How long macOS keeps the libraries of a jail mapped after its last process, and with them its root busy. */
export const checkSharedRegion: Check = async (host) => {
  if (host.platform === "linux") return [];
  const seconds = Number.parseInt(printed(await host.run("sysctl", ["-n", setting])) ?? "", 10);
  const about = { id: "shared-region", title: "Shared libraries" };
  if (Number.isNaN(seconds)) return [{ ...about, level: "note", found: `no ${setting} on this macOS` }];
  const found = `stay mapped for ${seconds} s after a jail's end`;
  if (seconds <= 10) return [{ ...about, level: "ok", found }];
  return [
    {
      ...about,
      level: "note",
      found,
      why: "a root shown through bindfs stays busy so long; rund takes it off by force after a second",
      fix: [`sudo sysctl ${setting}=5 (until the next start of the Mac)`],
    },
  ];
};
