import { describe, expect, it } from "vitest";
import { imageSource } from "../../../src/cli/image/image_source.ts";
import { darwinList } from "../../../src/image/darwin_list.ts";
import { fill, sandbox, scanned, walked } from "./support/image_sandbox.ts";

const plist = (version: string) => `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
	<key>ProductName</key>
	<string>macOS</string>
	<key>ProductVersion</key>
	<string>${version}</string>
</dict></plist>`;

const cryptex = "System/Volumes/Preboot/Cryptexes/OS/System/Library/dyld";

/** A folder with the shape of a Mac's root directory; `cache` is where the libraries are. */
function mac(cache = cryptex): string {
  return fill(sandbox(), {
    [`${cache}/dyld_shared_cache_arm64e`]: "cache",
    [`${cache}/dyld_shared_cache_arm64e.01`]: "part",
    "System/Library/Frameworks/Foundation.framework/Resources/Info.plist": "",
    "System/Library/CoreServices/SystemVersion.plist": plist("15.5"),
    "System/Library/CoreServices/Finder.app/x": "",
    "System/Library/PrivateFrameworks/x": "",
    "bin/sh": "",
    "sbin/mount": "",
    "usr/bin/true": "",
    "usr/lib/dyld": "",
    "usr/libexec/x": "",
    "usr/sbin/chown": "",
    "usr/share/zsh/x": "",
    "usr/local/bin/brew": "",
    "private/etc/passwd": "",
    "private/etc/master.passwd": "",
    "private/etc/ssl/cert.pem": "",
    "private/etc/localtime -> /var/db/timezone/zoneinfo/Europe/Vienna": "",
    "private/var/db/timezone/tz/x": "",
    "private/var/db/secret": "",
    "private/var/select/sh -> /bin/bash": "",
    "private/tmp/rubbish": "",
    "etc -> private/etc": "",
    "tmp -> private/tmp": "",
    "var -> private/var": "",
    "dev/null": "",
    "Users/me/.ssh/id": "",
    "Library/x": "",
  });
}

describe("the built-in list of macOS", () => {
  it("takes from a Mac what a jail needs, in layers, and nothing else", () => {
    const { layers, problems } = walked(darwinList, mac());
    expect([...problems]).toEqual([]);
    expect(layers).toEqual({
      libraries: [
        "System/",
        "System/Library/",
        "System/Library/dyld/",
        "System/Library/dyld/dyld_shared_cache_arm64e",
        "System/Library/dyld/dyld_shared_cache_arm64e.01",
      ],
      frameworks: [
        "System/Library/Frameworks/",
        "System/Library/Frameworks/Foundation.framework/",
        "System/Library/Frameworks/Foundation.framework/Resources/",
        "System/Library/Frameworks/Foundation.framework/Resources/Info.plist",
      ],
      programs: [
        "bin/",
        "bin/sh",
        "sbin/",
        "sbin/mount",
        "usr/",
        "usr/bin/",
        "usr/bin/true",
        "usr/lib/",
        "usr/lib/dyld",
        "usr/libexec/",
        "usr/libexec/x",
        "usr/sbin/",
        "usr/sbin/chown",
      ],
      data: [
        "private/",
        "private/var/",
        "private/var/db/",
        "private/var/db/timezone/",
        "private/var/db/timezone/tz/",
        "private/var/db/timezone/tz/x",
        "usr/share/",
        "usr/share/zsh/",
        "usr/share/zsh/x",
      ],
      settings: [
        "AppleInternal/",
        "AppleInternal/XBS/",
        "AppleInternal/XBS/.isChrooted",
        "System/Library/CoreServices/",
        "System/Library/CoreServices/SystemVersion.plist",
        "Users/",
        "dev/",
        "etc -> private/etc",
        "private/etc/",
        "private/etc/localtime -> /var/db/timezone/zoneinfo/Europe/Vienna",
        "private/etc/passwd",
        "private/etc/ssl/",
        "private/etc/ssl/cert.pem",
        "private/tmp/",
        "private/var/folders/",
        "private/var/root/",
        "private/var/run/",
        "private/var/select/",
        "private/var/select/sh -> /bin/bash",
        "private/var/tmp/",
        "tmp -> private/tmp",
        "usr/local/",
        "var -> private/var",
      ],
    });
  });

  it("finds the libraries where macOS 12 had them", () => {
    const { layers } = walked(darwinList, mac("System/Library/dyld"));
    expect(layers["libraries"]?.filter((path) => path.includes("cache"))).toHaveLength(2);
  });

  it("requires the libraries, without which nothing runs", async () => {
    const { scan } = await scanned(darwinList, mac("elsewhere"));
    expect(scan.unmatched).toEqual(["/System/Library/dyld/dyld_shared_cache_*"]);
    expect((await scanned(darwinList, mac())).scan.unmatched).toEqual([]);
  });
});

describe("what an image is made of", () => {
  it("is all of a Mac's list on a Mac, with the release of its system", () => {
    const { list, root } = imageSource({}, "darwin");
    expect(root).toBe("/");
    expect(list.required).toContain("/usr/lib/dyld");
  });

  it("carries the release of the system in the folder", () => {
    const { platform } = imageSource({ from: mac(), files: ["macos"] });
    expect(platform).toEqual({ os: "darwin", architecture: expect.any(String), osVersion: "15.5" });
    const other = imageSource({ from: mac(), platform: "darwin/arm64", "os-version": "16.0" });
    expect(other.platform).toEqual({ os: "darwin", architecture: "arm64", osVersion: "16.0" });
  });

  it("is all of a folder that is named alone, for this machine", () => {
    const { list, platform } = imageSource({ from: sandbox(), exclude: ["*.log"] }, "linux");
    expect(list).toMatchObject({ entries: [{ path: "/", kind: "copy" }], excluded: ["*.log"] });
    expect(platform).toEqual({ os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch });
  });

  it("has to be said where there is no macOS", () => {
    expect(() => imageSource({}, "linux")).toThrow("this is not a Mac: say with --from");
    expect(() => imageSource({ files: ["/no/list"] })).toThrow("/no/list: no such file or directory");
    expect(() => imageSource({ from: "/etc/passwd" })).toThrow("--from /etc/passwd: not a directory");
    expect(() => imageSource({ from: "/", platform: "mac" })).toThrow("--platform mac: must look like");
  });
});
