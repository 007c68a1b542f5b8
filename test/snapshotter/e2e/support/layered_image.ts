import { execFileSync } from "node:child_process";

/**
 * Writes an archive that `ctr image import` reads, with one layer for each script: Python that adds to `layer`, a tarfile,
 * by the functions in {@link helpers}.
 */
export function writeLayeredImage(file: string, name: string, layers: readonly string[]): void {
  const script = `
import hashlib, io, json, sys, tarfile
${helpers}
image, digests = tarfile.open(sys.argv[1], "w"), []
def member(path, content):
    info = tarfile.TarInfo(path); info.size = len(content)
    image.addfile(info, io.BytesIO(content))
for at, text in enumerate(json.loads(sys.argv[3])):
    data = io.BytesIO()
    layer = tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT)
    exec(text)
    layer.close()
    digests.append("sha256:" + hashlib.sha256(data.getvalue()).hexdigest())
    member("%d.tar" % at, data.getvalue())
config = {"architecture": sys.argv[4], "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": digests},
  "history": [{} for _ in digests]}
member("config.json", json.dumps(config).encode())
names = ["%d.tar" % at for at in range(len(digests))]
member("manifest.json", json.dumps([{"Config": "config.json", "RepoTags": [sys.argv[2]], "Layers": names}]).encode())
image.close()`;
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  execFileSync("python3", ["-c", script, file, name, JSON.stringify(layers), architecture]);
}

/** What scripts of layers call. */
const helpers = `
def entry(path, kind, content=b"", target="", mode=0o644, uid=0, device=(0, 0), attributes={}):
    info = tarfile.TarInfo(path)
    info.type, info.size, info.linkname, info.mode, info.uid = kind, len(content), target, mode, uid
    info.devmajor, info.devminor = device
    info.pax_headers = {"SCHILY.xattr." + key: value for key, value in attributes.items()}
    layer.addfile(info, io.BytesIO(content))
def file(path, content="", **more): entry(path, tarfile.REGTYPE, content.encode(), **more)
def folder(path, **more): entry(path, tarfile.DIRTYPE, mode=0o755, **more)
def link(path, target): entry(path, tarfile.SYMTYPE, target=target)
def hard_link(path, target, **more): entry(path, tarfile.LNKTYPE, target=target, **more)
def device(path, major, minor): entry(path, tarfile.CHRTYPE, device=(major, minor))
`;
