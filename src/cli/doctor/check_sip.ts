import { type Check, type Finding, printed } from "./finding.ts";

/** What `csrutil status` says of the one protection that is in the way of jails. */
export function readSip(text: string): "on" | "off" | "unknown" {
  const [, filesystem] = /Filesystem Protections:\s*(enabled|disabled)/.exec(text) ?? [];
  const [, whole] = /System Integrity Protection status:\s*(enabled|disabled)/.exec(text) ?? [];
  const word = filesystem ?? whole;
  return word === undefined ? "unknown" : word === "enabled" ? "on" : "off";
}

const why =
  "a jail has its own copy of the system's libraries, which the kernel refuses to map while System Integrity Protection " +
  'guards the file system: programs end with "syscall to map cache into shared region failed"';

const fix = [
  "Apple silicon: shut down, hold the power button until the startup options come, choose Options. Intel: restart with Command-R held.",
  "There, in Utilities > Terminal: csrutil disable",
  "  (csrutil enable --without fs takes only this protection away and should be enough; no report of a try is known)",
  "Restart, and look: csrutil status",
  "This lowers the protection of the whole Mac: whatever runs as root can then change the system. Use a Mac that is there for builds.",
  "To turn it on again: csrutil enable, in the same place.",
  "Or leave it on, and have jails that are users in place of root directories: docs/isolation.md",
];

/** System Integrity Protection; there is nothing like it on Linux. */
export const checkSip: Check = async (host) => {
  if (host.platform === "linux") return [];
  const about = { id: "sip", title: "System Integrity Protection" };
  const state = readSip(printed(await host.run("csrutil", ["status"])) ?? "");
  const findings: Readonly<Record<typeof state, Finding>> = {
    off: {
      ...about,
      level: "ok",
      found: "does not guard the file system: jails work, and the Mac is less protected",
    },
    on: { ...about, level: "problem", found: "guards the file system", why, fix },
    unknown: {
      ...about,
      level: "warning",
      found: "csrutil does not tell",
      why,
      fix: ["csrutil status", ...fix],
    },
  };
  return [findings[state]];
};
