import { readFileSync } from "node:fs";
import { Code, RundError, systemError } from "../../common/error.ts";
import { canUpdate } from "../../container/state.ts";
import { askedResources } from "../../oci/resources.ts";
import { assertState } from "../assert_state.ts";
import { defineCommand } from "../command.ts";
import { onlyWord } from "../words.ts";

const usage = {
  name: "rund update",
  synopsis: "[flags] ID",
  text: "Takes what lifts a limit or asks for none, and refuses the rest by name: a jail has no cgroup that could limit it.",
  flags: {
    resources: {
      type: "string",
      alias: "r",
      describe: "file with the resources as JSON; - is standard input",
    },
    "blkio-weight": { type: "number", describe: "refused unless 0" },
    "cpu-period": { type: "string", describe: "refused unless 0" },
    "cpu-quota": { type: "string", describe: "refused unless 0, or negative: no limit" },
    "cpu-burst": { type: "string", describe: "refused unless 0" },
    "cpu-share": { type: "string", describe: "refused unless 0" },
    "cpu-rt-period": { type: "string", describe: "refused unless 0" },
    "cpu-rt-runtime": { type: "string", describe: "refused unless 0" },
    "cpu-idle": { type: "string", describe: "refused unless 0" },
    "cpuset-cpus": { type: "string", describe: "refused" },
    "cpuset-mems": { type: "string", describe: "refused" },
    memory: { type: "string", describe: "refused unless 0, or -1: no limit" },
    "memory-reservation": { type: "string", describe: "refused unless 0, or -1: no limit" },
    "memory-swap": { type: "string", describe: "refused unless 0, or -1: no limit" },
    "pids-limit": { type: "number", describe: "refused unless 0, or -1: no limit" },
    "l3-cache-schema": { type: "string", describe: "refused" },
    "mem-bw-schema": { type: "string", describe: "refused" },
  },
  examples: [
    ["rund update --memory -1 one", "no limit, as before"],
    [
      'echo \'{"pids":{"limit":-1}}\' | rund update -r - one',
      "the same of another resource, as clients ask for it",
    ],
  ],
} as const;

export const updateCommand = defineCommand(usage, async (flags, words, { store }) => {
  const container = await store.adopt(onlyWord(usage.name, "the container's ID", words));
  assertState(container, canUpdate, "container not running");
  const { resources, ...others } = flags;
  const asked = resources ? askedResources(read(resources)) : askedFlags(others);
  if (asked.length === 0) return 0;
  throw new RundError(Code.unimplemented, `update: ${asked.join(", ")}: a jail has no cgroup`);
});

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw systemError(`resources: open ${file}`, error);
    throw new RundError(Code.invalidArgument, `resources: not JSON: ${error.message}`, { cause: error });
  }
}

/** Where each flag stands among the resources, which are looked at as one document. */
const places: Readonly<Record<string, readonly [string, string]>> = {
  "blkio-weight": ["blockIO", "weight"],
  "cpu-period": ["cpu", "period"],
  "cpu-quota": ["cpu", "quota"],
  "cpu-burst": ["cpu", "burst"],
  "cpu-share": ["cpu", "shares"],
  "cpu-rt-period": ["cpu", "realtimePeriod"],
  "cpu-rt-runtime": ["cpu", "realtimeRuntime"],
  "cpu-idle": ["cpu", "idle"],
  "cpuset-cpus": ["cpu", "cpus"],
  "cpuset-mems": ["cpu", "mems"],
  memory: ["memory", "limit"],
  "memory-reservation": ["memory", "reservation"],
  "memory-swap": ["memory", "swap"],
  "pids-limit": ["pids", "limit"],
  "l3-cache-schema": ["intelRdt", "l3CacheSchema"],
  "mem-bw-schema": ["intelRdt", "memBwSchema"],
};

function askedFlags(flags: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(flags).flatMap(([flag, value]) => {
    const [section, name] = places[flag] ?? [];
    if (section === undefined || name === undefined || value === undefined) return [];
    const number = /^-?\d+$/.test(String(value)) && section !== "cpuset" ? Number(value) : value;
    return askedResources({ [section]: { [name]: number } }).map(() => `--${flag}`);
  });
}
