import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Makes src/proto/generated from proto/, offline. `--if-stale` does nothing when the output is newer
 * than everything it was made from.
 */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const protoDir = join(root, "proto");
const outDir = join(root, "src/proto/generated");
const stampFile = join(outDir, ".stamp");
const binDir = join(root, "node_modules/.bin");

/** Only what the shim and the snapshotter speak: the rest of proto/ is loaded at run time by clients of containerd's gRPC API. */
const generated = [
  "containerd/events/task.proto",
  "containerd/runc/v1/options.proto",
  "containerd/runtime/bootstrap/v1/bootstrap.proto",
  "containerd/services/content/v1/content.proto",
  "containerd/services/diff/v1/diff.proto",
  "containerd/services/events/ttrpc/v1/events.proto",
  "containerd/services/leases/v1/leases.proto",
  "containerd/services/snapshots/v1/snapshots.proto",
  "containerd/services/version/v1/version.proto",
  "containerd/task/v2/task.proto",
  "containerd/types/introspection.proto",
  "google/rpc/status.proto",
  "io/containerd/cgroups/v2/metrics.proto",
  "runtimeoptions/v1/options.proto",
  "ttrpc/request.proto",
];

const pluginOptions = [
  "annotateFilesWithVersion=false",
  "comments=false",
  "enumsAsLiterals=true",
  "esModuleInterop=true",
  "exportCommonSymbols=false",
  "forceLong=bigint",
  "importSuffix=.ts",
  "outputJsonMethods=false",
  "outputServices=none",
  // `$type` on the codec, not in the message: packing an Any needs the full name.
  "outputTypeAnnotations=static-only",
  "unrecognizedEnum=false",
  "useDate=false",
  "useExactTypes=false",
];

function newestInput(): number {
  const protos = readdirSync(protoDir, { recursive: true, encoding: "utf8" }).map((name) =>
    join(protoDir, name),
  );
  const tools = [fileURLToPath(import.meta.url), join(root, "package-lock.json")];
  return Math.max(...[protoDir, ...protos, ...tools].map((path) => statSync(path).mtimeMs));
}

function isFresh(): boolean {
  const stamp = statSync(stampFile, { throwIfNoEntry: false });
  return stamp !== undefined && stamp.mtimeMs > newestInput();
}

function runBuf(out: string): void {
  const template = {
    version: "v2",
    plugins: [
      {
        local: [join(binDir, "protoc-gen-ts_proto")],
        out,
        opt: pluginOptions,
        include_imports: true,
        include_wkt: true,
      },
    ],
  };
  const paths = generated.flatMap((path) => ["--path", join(protoDir, path)]);
  const args = ["generate", protoDir, "--template", JSON.stringify(template), ...paths];
  execFileSync(join(binDir, "buf"), args, { cwd: root, stdio: "inherit" });
}

/** The new tree takes the old one's place by renames, so that a build or test beside us never sees half of it. */
function replaceOutput(): void {
  const scratch = mkdtempSync(join(dirname(outDir), ".generated-"));
  const fresh = join(scratch, "new");
  try {
    runBuf(fresh);
    writeFileSync(join(fresh, basename(stampFile)), "");
    if (existsSync(outDir)) renameSync(outDir, join(scratch, "old"));
    renameSync(fresh, outDir);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (!process.argv.includes("--if-stale") || !isFresh()) replaceOutput();
