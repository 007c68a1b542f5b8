import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../harness/project_paths.ts";

const sources = join(projectFolder, "src/jail/launcher");
const simulation = join(projectFolder, "test/launcher/darwin_simulation");

/** Those of the launcher's files that the simulation runs: its macOS half, and what that hangs on. */
const files = [
  ...["process_table_darwin", "process_arguments_darwin", "platform_darwin", "mount_identity_darwin"],
  ...["mount_detach_darwin", "mount_copy_darwin", "mount_process_darwin", "seatbelt_darwin"],
  ...["ps_main", "kill_main", "kill_jail", "freeze_main", "freeze_jail", "jail_members", "jail_root"],
  ...["root_directory", "failure", "control", "bytes", "json_text", "options", "number", "clock"],
  ...["host_pty", "mount_identity", "mount_detach", "mount_report", "mount_record", "mount_copy", "write_at"],
  ...["mount_process", "program_format", "text_file", "descriptors", "program_refusal", "dns_flow", "jail"],
].map((name) => join(sources, `${name}.c`));

export interface SimulatedRun {
  readonly status: number | null;
  readonly stdout: string;
  /** What the simulated system was asked for, a line for each time. */
  readonly calls: readonly string[];
}

/** A process of the simulated table (darwin_simulation/processes.c). */
export interface SimulatedProcess {
  readonly pid: number;
  readonly parent?: number;
  readonly status?: "idle" | "running" | "sleeping" | "stopped" | "zombie";
  /** The folder that it has as its root; `gone` for the right one that has no path any more. */
  readonly root?: string;
  readonly inode?: number;
  readonly footprint?: number;
  readonly user?: number;
  readonly system?: number;
  readonly name?: string;
  /** The user; the real one is another where the name says `set-uid`. */
  readonly uid?: number;
}

const states = ["", "idle", "running", "sleeping", "stopped", "zombie"];

/** The launcher's macOS half, built for this system on a simulation of what it calls. */
export class DarwinSimulation {
  readonly path: string;
  readonly jail: string;

  constructor() {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), "rund-darwin-")));
    this.jail = mkdtempSync(join(this.path, "jail-"));
    try {
      this.#build();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  #build(): void {
    const own = readdirSync(simulation).filter((name) => name.endsWith(".c") && name !== "libsandbox.c");
    const language = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g"];
    const checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    this.#compile([...language, "-shared", "-fPIC", "-o", this.#file("libsandbox.so")], ["libsandbox.c"]);
    // Where one file serves both systems, that of macOS is built.
    const system = "-D__APPLE__";
    const include = ["-I", join(simulation, "include"), "-iquote", this.#headers(), "-include", "darwin.h"];
    const library = `-DSEATBELT_LIBRARY="${this.#file("libsandbox.so")}"`;
    this.#compile(
      [...language, system, ...checks, ...include, library, "-o", this.#file("launcher"), ...files],
      own,
      "-ldl",
    );
  }

  #file(name: string): string {
    return join(this.path, name);
  }

  /** The launcher's headers, but for the one that has a name of the system's. */
  #headers(): string {
    mkdirSync(this.#file("headers"));
    const names = readdirSync(sources).filter((name) => name.endsWith(".h") && name !== "limits.h");
    for (const name of names) symlinkSync(join(sources, name), join(this.#file("headers"), name));
    return this.#file("headers");
  }

  #compile(flags: readonly string[], own: readonly string[], ...libraries: readonly string[]): void {
    const paths = own.map((name) => join(simulation, name));
    execFileSync(process.env["CC"] ?? "cc", [...flags, ...paths, ...libraries], { stdio: "inherit" });
  }

  /** Runs a command of darwin_simulation/main.c. */
  run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): SimulatedRun {
    const tables = {
      SIMULATED_PROCESSES: this.#file("processes"),
      SIMULATED_MOUNTS: this.#file("mounts"),
      // What a launcher has not freed when it ends is no leak.
      ASAN_OPTIONS: "detect_leaks=0",
    };
    const { status, stdout, stderr } = spawnSync(this.#file("launcher"), args, {
      cwd: this.path,
      env: { ...tables, ...environment },
      encoding: "utf8",
      timeout: 20_000,
    });
    return { status, stdout, calls: stderr.split("\n").filter((line) => line !== "") };
  }

  /** Sets the table of processes; `unit` is what one unit of Mach's clock is in nanoseconds. */
  processes(list: readonly SimulatedProcess[], unit: readonly [number, number] = [1, 1]): void {
    const { dev, ino } = statSync(this.jail);
    const lines = list.map((process) => {
      const { pid, parent = 1, status = "sleeping", root = "-", name = "program" } = process;
      const { footprint = 0, user = 0, system = 0, uid = 501 } = process;
      const inode = process.inode ?? (root === "-" ? 0 : ino);
      const numbers = `${pid} ${parent} ${uid} ${states.indexOf(status)} ${dev} ${inode}`;
      return `${numbers} ${root} ${footprint} ${user} ${system} ${name}\n`;
    });
    writeFileSync(this.#file("processes"), `0 ${unit.join(" ")}\n${lines.join("")}`);
  }

  /** Sets the table of mounts, in the form of darwin_simulation/mounts.c. */
  mounts(...lines: readonly string[]): void {
    writeFileSync(this.#file("mounts"), lines.map((line) => `${line}\n`).join(""));
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
