# Brings a machine to the point where the project builds: everything that Debian 12 lacks is installed with apt, a
# newer Node goes into the cache folder. Sourced from the project's folder, after console.sh.

cache=${RUND_CACHE:-$PWD/.cache}
node_version=22.23.3
npm_version=10.9.9

# Daemons, mounts and chroot need root; so do missing packages. What was made is given back to the caller's user.
need_root() {
  if [[ $EUID != 0 ]]; then
    command -v sudo >/dev/null || fail "root is needed for daemons, mounts and chroot: run this as root"
    step "Asking sudo for root, which daemons, mounts and chroot need"
    exec sudo --preserve-env=CI,RUND_CACHE,RUND_SHIM_FOLDER,NO_COLOR bash "$0" "$@"
  fi
  trap give_back EXIT
}

give_back() {
  [[ -n ${SUDO_UID:-} ]] || return 0
  chown -R "$SUDO_UID:$SUDO_GID" node_modules dist src/proto/generated bundle-examples/hello/rootfs "$cache" 2>/dev/null || true
}

need_debian() {
  [[ $(uname -s) == Linux ]] || fail "$(uname -s): this script runs on Linux"
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    fail "apt-get and dpkg are needed, as on Debian 12: the daemons come from Debian's packages"
  [[ -e /dev/fuse ]] || mknod -m 0666 /dev/fuse c 10 229 2>/dev/null || true
}

# Installs the Debian packages among the arguments ("PACKAGE:PATH") whose PATH is not there.
ensure_packages() {
  local entry missing=()
  for entry in "$@"; do
    compgen -G "${entry#*:}" >/dev/null || missing+=("${entry%%:*}")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  step "Installing ${missing[*]} with apt"
  export DEBIAN_FRONTEND=noninteractive
  quietly apt-get update -q
  quietly apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# What builds the project and what the demo's daemons call.
ensure_tools() {
  ensure_packages gcc:/usr/bin/gcc libc6-dev:/usr/include/stdio.h ca-certificates:/etc/ssl/certs/ca-certificates.crt \
    procps:/usr/bin/ps util-linux:/usr/bin/flock tar:/usr/bin/tar xz-utils:/usr/bin/xz
  ensure_node
  ensure_dependencies
}

# Whether the node on PATH is new enough for the project (20.19).
node_is_new_enough() {
  command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

# Debian 12 has Node 18: its npm is used once, to fetch a newer Node and npm into the cache.
ensure_node() {
  node_is_new_enough && return 0
  local folder=$cache/node-$node_version
  local modules=$folder/node_modules
  PATH=$modules/node-bin:$modules/.bin:$PATH
  node_is_new_enough && return 0
  ensure_packages nodejs:/usr/bin/node npm:/usr/bin/npm
  step "Fetching Node $node_version from the npm registry, since this machine's is too old"
  local machine=x64
  [[ $(uname -m) != aarch64 ]] || machine=arm64
  mkdir -p "$folder"
  # Debian's npm needs Debian's node: the old pair fetches the new one.
  PATH=/usr/bin:/bin quietly /usr/bin/npm install --prefix "$folder" --no-audit --no-fund --no-save \
    "node-linux-$machine@$node_version" "npm@$npm_version"
  ln -sfn "node-linux-$machine/bin" "$modules/node-bin"
  hash -r
  node_is_new_enough || fail "Node 20.19 or newer is needed; fetching it into $folder did not help"
}

# The npm packages exactly as locked, unless they are there already.
ensure_dependencies() {
  [[ node_modules/.package-lock.json -nt package-lock.json ]] && return 0
  step "Installing the project's npm packages"
  quietly npm ci
}

build_project() {
  step "Building dist/"
  quietly npm run build
}

# What only the tests call: python3 drives pseudo terminals, and its pip fetches zig, whose C compiler carries Apple's
# headers: the launcher is cross-compiled for macOS with it. Builds run on an ext4 of their own, among others.
ensure_test_tools() {
  ensure_packages python3:/usr/bin/python3 e2fsprogs:/sbin/mkfs.ext4 openssl:/usr/bin/openssl iproute2:/sbin/ip
  python3 -m pip --version >/dev/null 2>&1 || ensure_packages "python3-pip:/usr/lib/python3/dist-packages/pip"
}
