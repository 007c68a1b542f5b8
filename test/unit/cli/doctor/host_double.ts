import type { CommandResult, DoctorHost } from "../../../../src/cli/doctor/finding.ts";

/** A machine made of answers: programs print what stands here, and what was run is written down. */
export class HostDouble implements DoctorHost {
  platform: "linux" | "darwin" = "darwin";
  architecture = "arm64";
  prefix = "/opt/homebrew";
  runtimeDirectory = "/var/run/rund";
  uid = 0;
  environment: NodeJS.ProcessEnv = { PATH: "/usr/bin:/bin" };
  /** What a command line prints; an answer of another kind where a text does not do. */
  readonly answers = new Map<string, string | CommandResult>();
  readonly files = new Map<string, string>();
  readonly sockets = new Set<string>();
  readonly ran: string[] = [];

  readonly run = async (program: string, args: readonly string[]): Promise<CommandResult> => {
    const line = [program, ...args].join(" ");
    this.ran.push(line);
    const answer = this.answers.get(line) ?? { kind: "missing" };
    return typeof answer === "string" ? { kind: "ended", status: 0, stdout: answer, stderr: "" } : answer;
  };

  readonly isThere = (path: string): boolean => this.files.has(path);
  readonly read = (path: string): string | undefined => this.files.get(path);
  readonly canConnect = async (socket: string): Promise<boolean> => this.sockets.has(socket);

  /** A Mac on which jails work. */
  static mac(): HostDouble {
    const host = new HostDouble();
    const answers: Readonly<Record<string, string>> = {
      sw_vers: "ProductName:\t\tmacOS\nProductVersion:\t\t15.7.2\nBuildVersion:\t\t24G325\n",
      "sw_vers -productVersion": "15.7.2\n",
      "csrutil status": "System Integrity Protection status: disabled.\n",
      "defaults read /Library/Filesystems/macfuse.fs/Contents/Info CFBundleShortVersionString": "5.3.1\n",
      "/opt/homebrew/bin/bindfs --version": "bindfs 1.18.4\n",
      "sh -c ulimit -Sn; ulimit -Hn": "256\nunlimited\n",
      "sysctl -n kern.maxfilesperproc": "61440\n",
      "sysctl -n vm.shared_region_destroy_delay": "120\n",
      "/sbin/mount": "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n",
    };
    for (const [line, text] of Object.entries(answers)) host.answers.set(line, text);
    for (const path of ["/Library/Filesystems/macfuse.fs", "/opt/homebrew/bin/bindfs"])
      host.files.set(path, "");
    return host;
  }
}
