#!/usr/bin/env bash
# The proof that the README's promises hold on a fresh Debian: builds, runs and tests the last commit in a root made by
# debootstrap that has gcc and libc6-dev and no other -dev package, and writes docs/fresh-root.md.
#
#   scripts/fresh_root.sh ROOT_FOLDER
#
# Needs root, debootstrap, git, a Rust toolchain by rustup, and for the part with a display Xvfb and imagemagick. An existing
# root is used again.
set -euo pipefail
root=${1:?a folder for the Debian root is needed}
here=$(cd "$(dirname "$0")/.." && pwd)
rustup=${RUSTUP_HOME:-$HOME/.rustup}
cargo=${CARGO_HOME:-$HOME/.cargo}
display=:96

[ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase bookworm "$root" http://deb.debian.org/debian
cp /etc/resolv.conf "$root/etc/resolv.conf"
mounted=()
leave() {
  [ -n "${server:-}" ] && kill "$server" 2>/dev/null
  for m in "${mounted[@]}"; do umount -l "$m" || true; done
}
trap leave EXIT
bind() {
  mkdir -p "$2"
  mountpoint -q "$2" || { mount --bind "$1" "$2"; mounted=("$2" "${mounted[@]}"); }
}
bind /proc "$root/proc"
bind /dev "$root/dev"
bind "$rustup" "$root/root/.rustup"
mkdir -p "$root/root/.cargo/bin"
cp -a "$cargo/bin/." "$root/root/.cargo/bin/"
# Crates come from the host's cache: downloads are not what is proven, and not every network lets a fresh root out.
[ -d "$cargo/registry" ] && bind "$cargo/registry" "$root/root/.cargo/registry"
[ -e /etc/ssl/certs/ca-certificates.crt ] && certificates=/etc/ssl/certs/ca-certificates.crt
rm -rf "$root/root/icepath"
git clone -q "$here" "$root/root/icepath"

inside() {
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/root/.cargo/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}
timed() { # NAME COMMAND…: runs it and keeps what it said; sets `took` (s) and `code`
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$root/tmp/$name.log" 2>&1; then code=0; else code=$?; fi
  took=$((SECONDS - start))
}

inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends gcc libc6-dev ca-certificates >/dev/null
[ -n "${certificates:-}" ] && cp "$certificates" "$root$certificates"
packages=$(inside dpkg-query -W -f '${Package}\n' | grep -- '-dev$' | tr '\n' ' ')
run() { inside bash -c "cd /root/icepath && $1"; }

timed build run "cargo build --release"
build=$took built=$code
timed headless run "cargo run --release"
headless=$took ran=$code
said=$(tail -n 3 "$root/tmp/headless.log")
timed path run "target/release/icepath sample-dicom/nodule"
path=$took refused=$code
timed ci run ".ci/run"
ci=$took passed=$code
tests=$(grep -h '^test result' "$root/tmp/ci.log" | awk '{n += $4} END {print n + 0}')

# With a display but without its libraries: one sentence, and the job is not lost.
display_run() { inside env DISPLAY=$display bash -c "cd /root/icepath && timeout 20 target/release/icepath"; }
bare="not tried: no Xvfb"
# A root that is used again has them from the last time.
inside apt-get purge -y -qq libx11-6 libxcursor1 libxi6 libxkbcommon-x11-0 libegl1 libgl1 libgl1-mesa-dri >/dev/null 2>&1 || true
inside apt-get autoremove -y -qq >/dev/null 2>&1 || true
if command -v Xvfb >/dev/null; then
  Xvfb $display -screen 0 1366x768x24 >/dev/null 2>&1 &
  server=$!
  sleep 2
  bind /tmp/.X11-unix "$root/tmp/.X11-unix"
  timed bare display_run
  bare="exit $code: $(head -n 1 "$root/tmp/bare.log")"
  [ "$code" = 124 ] && bare="the window opened: the root has the libraries from elsewhere"
fi

# With a display: the libraries that the README names, and nothing else.
inside apt-get install -y -qq --no-install-recommends \
  libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0 libegl1 libgl1 libgl1-mesa-dri >/dev/null 2>&1
window="not tried: no Xvfb"
if command -v Xvfb >/dev/null; then
  display_run >"$root/tmp/window.log" 2>&1 &
  sleep 12
  colours=$(DISPLAY=$display import -window root -format '%k' info:-)
  if [ "$colours" -gt 200 ]; then window="opens ($colours colours on the screen after 12 s)"; else window="does NOT open"; fi
fi

cat >"$here/docs/fresh-root.md" <<EOF
# On a fresh Debian

Made by \`scripts/fresh_root.sh ROOT_FOLDER\` on $(nproc) cores, $(date +%F), commit $(git -C "$root/root/icepath" rev-parse --short HEAD), $(inside bash -c '. /etc/os-release; echo "$PRETTY_NAME"'), $(inside rustc --version).

| what | outcome | seconds |
| --- | --- | --- |
| packages ending in -dev | $packages| |
| \`cargo build --release\` from nothing | exit $built | $build |
| \`cargo run --release\`, no display | exit $ran | $headless |
| \`icepath PATH\`, no display | exit $refused | $path |
| \`.ci/run\` from nothing in debug ($tests tests passed) | exit $passed | $ci |
| a display, none of its libraries | $bare | |
| the window, with the README's run-time libraries | $window | |

What \`cargo run --release\` said last, without a display:

\`\`\`
$said
\`\`\`
EOF
cat "$here/docs/fresh-root.md"
