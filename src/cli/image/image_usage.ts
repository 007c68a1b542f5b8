import { compressions } from "../../image/compression.ts";
import type { Usage } from "../arguments.ts";

export const imageUsage = {
  name: "rund image",
  synopsis: "[flags] NAME",
  text: `Makes a base image of the files of a system: of the running macOS, with what jails need of it, or of any folder. It goes
to a file, a folder or containerd, as a stream, in several layers of which a rebuild shares those that are the same.

Files are read and nothing on the host is changed. What cannot be read is named, and then no image is made. The same files give
the same image, byte for byte. Owners are kept by number; sockets, devices and extended attributes are left out.
Apple's licence does not allow to hand macOS's files on: such an image is for your own use.`,
  flags: {
    output: {
      type: "string",
      alias: "o",
      describe: "file that ends with .tar, or folder, which gets the image in the OCI layout",
    },
    containerd: { type: "boolean", describe: "give it to containerd, by its client ctr" },
    address: { type: "string", describe: "containerd's socket, if not where it usually is" },
    namespace: { type: "string", describe: "containerd's namespace, if not default" },
    from: { type: "string", describe: "folder to take files from, instead of the running system" },
    files: {
      type: "string",
      array: true,
      describe: 'list of what to take; "macos" for the built-in one. All, if only --from is given',
    },
    exclude: {
      type: "string",
      array: true,
      describe: "leave out what matches, such as '*.pyc' or /usr/share/man",
    },
    "skip-unreadable": { type: "boolean", describe: "leave out what cannot be read" },
    platform: {
      type: "string",
      describe: "what the image is for, such as darwin/arm64, if not this machine",
    },
    "os-version": { type: "string", describe: "release of macOS to write down, if not that of the files" },
    compression: { choices: compressions, describe: "how layers are compressed: zstd where possible" },
    level: { type: "number", describe: "how much: 1 to 19 with zstd, 1 to 9 with gzip" },
    env: { type: "string", array: true, describe: "variable of containers, as NAME=VALUE" },
    cmd: { type: "string", describe: "command of containers: words as JSON, or a line for /bin/sh" },
    user: { type: "string", describe: "user of containers" },
    workdir: { type: "string", describe: "working directory of containers" },
    label: { type: "string", array: true, describe: "label of the image, as NAME=VALUE" },
    print: { type: "boolean", describe: "only say what would be in it" },
    "print-list": { type: "boolean", describe: "print the built-in list, to begin one with" },
    quiet: { type: "boolean", alias: "q", describe: "print the digest only, and no progress" },
  },
  examples: [
    ["sudo rund image --print", "what of this Mac would be in its image"],
    ["sudo rund image --containerd macos:15", "an image of this Mac, ready for ctr run"],
    ["sudo rund image --output macos.tar macos:15", "the same as a file for docker load or ctr image import"],
    ["sudo rund image --from /Users/builder --output base obuilder-base", "a home directory, as a folder"],
    ["sudo rund image --files my.list --exclude '*.pyc' --output my.tar me/tools", "what a list says"],
  ],
  epilogue:
    "SOURCE_DATE_EPOCH, in seconds, is the date of the image, and no time in it is later. docs/base-images.md tells more.",
  anyUser: true,
} as const satisfies Usage<Record<string, object>>;
