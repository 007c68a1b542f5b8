# Builds rund on the Mac itself: needs Node for the build only, and Xcode's command line tools for the launcher.
class RundFromSource < Formula
  desc "Native macOS containers: a containerd shim that runs OCI bundles as chroot jails"
  homepage "@URL@"
  url "@URL@/rund-@VERSION@.tar.gz"
  version "@VERSION@"
  sha256 "@SHA256_SOURCE@"
  license "Apache-2.0"

  depends_on "node" => :build
  depends_on :macos
  depends_on xcode: :build

  conflicts_with "rund", because: "both install rund"

  def install
    system "npm", "ci", "--ignore-scripts"
    # The scripts of packages are left out; this one brings the compiler's own program.
    system "node", "node_modules/bun/install.js"
    system "npm", "run", "build"
    libexec.install "dist/bin", "dist/libexec"
    bin.install_symlink Dir[libexec/"bin/*"]
    man8.install Dir["packaging/man/*.8"]
    doc.install "README.md", "LICENSE", "docs"
  end

  # The snapshotter; rund itself needs no service: containerd starts it.
  service do
    run [opt_bin/"rund-snapshotter"]
    require_root true
    keep_alive true
    environment_variables PATH: std_service_path_env
    log_path var/"log/rund-snapshotter.log"
    error_log_path var/"log/rund-snapshotter.log"
  end

  def caveats
    <<~EOS
      See what this Mac still needs for jails, and how to get it:
        sudo rund doctor
      Tell containerd, dockerd and buildkitd of rund:
        sudo rund setup
      Images whose layers share their content, with the snapshotter as a service:
        sudo brew services start rund-from-source && sudo rund setup --snapshotter rund
    EOS
  end

  test do
    assert_match "rund version #{version}", shell_output("#{bin}/rund --version")
  end
end
