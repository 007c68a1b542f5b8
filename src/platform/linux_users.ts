import { existsSync } from "node:fs";
import { access, constants, readFile } from "node:fs/promises";
import { Code, RundError } from "../common/error.ts";
import type { HostUser, HostUsers } from "./host_users.ts";
import { type RunProgram, runProgram } from "./run_program.ts";

/** Exit codes of useradd(8) and userdel(8), Debian's and Red Hat's alike (shadow). */
const numberTaken = 4;
const nameTaken = 9;
const unknownUser = 6;

/** useradd and userdel, which know the locks of /etc/passwd; `run` and `passwd` are others in tests. */
export async function linuxUsers(run: RunProgram = runProgram, passwd = "/etc/passwd"): Promise<HostUsers> {
  const shell = await access("/bin/bash", constants.X_OK).then(
    () => "/bin/bash",
    () => "/bin/sh",
  );
  return {
    shell,
    async list(prefix) {
      const names = (await readFile(passwd, "utf8")).split("\n").map((line) => line.split(":")[0] ?? "");
      return names.filter((name) => name.startsWith(prefix));
    },
    async create(user) {
      const { status, stderr } = await run("useradd", useraddArguments(user, shell));
      if (status === 0) return;
      const code = status === numberTaken || status === nameTaken ? Code.alreadyExists : Code.internal;
      throw new RundError(code, `useradd ${user.name}: ${lastLine(stderr) || `exit code ${status}`}`);
    },
    folders: () => Promise.resolve(["/tmp", "/var/tmp", "/dev/shm"].filter((folder) => existsSync(folder))),
    async remove(name) {
      const { status, stderr } = await run("userdel", [name]);
      if (status === 0 || status === unknownUser) return;
      throw new RundError(Code.internal, `userdel ${name}: ${lastLine(stderr) || `exit code ${status}`}`);
    },
  };
}

/**
 * `--user-group` makes a group of the user's name, and number since the range has no other. Its password stays locked, and
 * without an entry in lastlog that file does not grow up to a number this high.
 */
function useraddArguments({ name, uid, home }: HostUser, shell: string): string[] {
  const ranges = ["UID_MIN", "UID_MAX", "GID_MIN", "GID_MAX"].map((limit) => `${limit}=${uid}`);
  const none = ["SUB_UID_COUNT=0", "SUB_GID_COUNT=0"];
  return [
    ...[...ranges, ...none].flatMap((setting) => ["--key", setting]),
    ...["--uid", String(uid), "--user-group", "--no-create-home", "--home-dir", home],
    ...["--no-log-init", "--shell", shell, "--comment", "jail of rund", name],
  ];
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
