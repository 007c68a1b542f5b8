import { access, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { execa } from "execa";

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The machine's own address of the Debian registry, so that a mirror or proxy set up there is used here too. */
export async function debianAddress(): Promise<string> {
  const format = "$(ORIGIN) $(CODENAME) $(REPO_URI)";
  const { stdout } = await execa("apt-get", ["indextargets", "--format", format, "Identifier: Packages"]);
  const rows = stdout.split("\n").map((line) => line.split(" "));
  const fromLists = rows.find(([origin, suite]) => origin === "Debian" && !suite?.includes("-"))?.[2];
  // Before the first `apt-get update` apt knows no origins, only addresses.
  const address = fromLists ?? rows.map((row) => row.at(-1)).find((uri) => uri?.endsWith("/debian/"));
  if (address === undefined) throw new Error("debian registry: none in apt's configuration");
  return address;
}

/** One suite of the Debian registry, with package lists of its own: the system's apt is left as it is. */
export class DebianSuite {
  readonly name: string;
  readonly #folder: string;

  /** `folder` keeps the suite's lists between runs. */
  constructor(name: string, folder: string) {
    this.name = name;
    this.#folder = folder;
  }

  /** Fetches the package lists, or only asks whether they have changed. */
  async update(): Promise<void> {
    await mkdir(`${this.#folder}/lists/partial`, { recursive: true });
    const line = `deb [signed-by=${keyring}] ${await debianAddress()} ${this.name} main\n`;
    await writeFile(`${this.#folder}/sources.list`, line);
    await this.#apt(["-q", "update"], { timeout: 300_000 });
  }

  /** The version that the suite has of a package, or undefined. */
  async candidate(name: string): Promise<string | undefined> {
    const { stdout } = await execa("apt-cache", [...this.#options(), "show", "--no-all-versions", name], {
      reject: false,
    });
    return /^Version: (?:\d+:)?(.+)$/m.exec(stdout)?.[1];
  }

  /** Downloads packages (apt checks sizes and hashes) and unpacks them into `target`. */
  async unpack(names: readonly string[], target: string): Promise<void> {
    const downloads = `${target}/.downloads`;
    await mkdir(downloads, { recursive: true });
    await this.#apt(["-q", "download", ...names], { cwd: downloads, timeout: 600_000 });
    for (const file of await readdir(downloads)) {
      await execa("dpkg", ["-x", `${downloads}/${file}`, target]);
    }
    await rm(downloads, { recursive: true });
  }

  async #apt(args: readonly string[], options: { timeout: number; cwd?: string }): Promise<void> {
    const result = await execa("apt-get", [...this.#options(), ...args], { ...options, reject: false });
    if (result.exitCode === 0) return;
    const reason = result.timedOut ? `nothing within ${options.timeout} ms` : result.stderr;
    throw new Error(`apt-get ${args.join(" ")} (Debian ${this.name}): ${reason}`);
  }

  #options(): string[] {
    const settings = [
      `Dir::Etc::sourcelist=${this.#folder}/sources.list`,
      "Dir::Etc::sourceparts=/dev/null",
      `Dir::State::Lists=${this.#folder}/lists`,
      "Dir::Cache::pkgcache=",
      "Dir::Cache::srcpkgcache=",
      "APT::Sandbox::User=root",
      // A mirror that has stood still for some weeks still has the packages; signatures and hashes are checked.
      "Acquire::Check-Valid-Until=false",
      "APT::Update::Post-Invoke-Success=",
      "Acquire::Languages=none",
      "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
    ];
    return settings.flatMap((setting) => ["-o", setting]);
  }
}

/** Whether a path is there. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
