# Installs a release. scripts/release fills in the blanks and leaves the result in dist/release.
class Rund < Formula
  desc "Native macOS containers: a containerd shim that runs OCI bundles as chroot jails"
  homepage "@URL@"
  version "@VERSION@"
  license "Apache-2.0"

  on_arm do
    url "@URL@/rund-@VERSION@-darwin-arm64.tar.gz"
    sha256 "@SHA256_ARM64@"
  end

  on_intel do
    url "@URL@/rund-@VERSION@-darwin-x64.tar.gz"
    sha256 "@SHA256_X64@"
  end

  depends_on :macos

  def install
    libexec.install "bin", "libexec"
    # containerd finds the shim by its name on the PATH of services, which has Homebrew's bin.
    bin.install_symlink Dir[libexec/"bin/*"]
    man1.install Dir["share/man/man1/*"]
    man8.install Dir["share/man/man8/*"]
    bash_completion.install "share/bash-completion/completions/rund"
    zsh_completion.install "share/zsh/site-functions/_rund"
    fish_completion.install "share/fish/vendor_completions.d/rund.fish"
    doc.install Dir["share/doc/rund/*"]
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
      Tell containerd, dockerd and buildkitd of rund (--print shows what would be set, --undo takes it back):
        sudo rund setup
      Images whose layers share their content, with the snapshotter as a service:
        sudo brew services start rund && sudo rund setup --snapshotter rund
      Jails need System Integrity Protection lowered, which makes the whole Mac less safe; rund doctor has the steps
      there and back. A jail is no security boundary against root.
    EOS
  end

  test do
    assert_match "rund version #{version}", shell_output("#{bin}/rund --version")
    system "#{bin}/containerd-shim-rund-v1", "-v"
  end
end
