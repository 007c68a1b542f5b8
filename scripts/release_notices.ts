import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

/** The licences of all that is compiled into the programs: Bun, the packages of package-lock.json, and musl on Linux. */
export function notices(project: string, bunVersion: string): string {
  const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const used = Object.entries(lock.packages).filter(
    ([path, entry]) => path !== "" && !entry.dev && !entry.optional,
  );
  const parts = used.map(([path, { version, license }]) => {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return `${name} ${version} (${license})\n\n${licenseText(join(project, path))}`;
  });
  return [runtimeNotice(bunVersion), ...parts].join(`\n${"-".repeat(78)}\n\n`);
}

function runtimeNotice(version: string): string {
  return `rund is under the Apache License 2.0, see LICENSE. Its programs contain work of others.

bin/rund contains Bun ${version} (MIT), https://github.com/oven-sh/bun, with JavaScriptCore of WebKit (LGPL 2.1 in parts) and
the libraries that https://github.com/oven-sh/bun/blob/bun-v${version}/LICENSE.md names; that page says how it can be
linked anew. On Linux libexec/rund-jail contains musl (MIT), https://musl.libc.org.
`;
}

function licenseText(folder: string): string {
  try {
    const name = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    return name === undefined ? "(no text in the package)\n" : readFileSync(join(folder, name), "utf8");
  } catch {
    // A package of another kind of machine is not installed.
    return "(not installed here)\n";
  }
}
