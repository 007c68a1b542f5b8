/** The flags of those commands that launch a process. */
export const launchFlags = {
  "console-socket": {
    type: "string",
    describe: "unix socket that gets the terminal's master end, for a detached process with one",
  },
  "pid-file": { type: "string", describe: "file to which the process's id is written" },
  "preserve-fds": {
    type: "number",
    default: 0,
    describe: "how many open descriptors from 3 on the process gets",
  },
} as const;

/** Those that make a container. */
export const createFlags = {
  bundle: {
    type: "string",
    alias: "b",
    describe: "folder with the config.json, the working directory when left out",
  },
  ...launchFlags,
  "no-pivot": { type: "boolean", describe: "no effect: jails are made with chroot" },
  "no-new-keyring": { type: "boolean", describe: "no effect: jails have no keyring of their own" },
} as const;
