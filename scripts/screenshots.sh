#!/usr/bin/env bash
# Makes the documents' pictures under Xvfb, from synthetic scans alone: docs/window.png (the sample), docs/banner.png (slices
# missing), docs/picker.png (two series), docs/refusal.png (nothing that can be read). Needs xvfb, imagemagick and a release
# build.
#
#   scripts/screenshots.sh [PROGRAM] [SECONDS_TO_WAIT]
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-target/release/icepath}
wait=${2:-12}
home=$(mktemp -d)
export XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_CACHE_HOME=$home/cache WAYLAND_DISPLAY=
Xvfb :97 -screen 0 1366x768x24 >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$home"' EXIT
sleep 2
shot() { # NAME [PATH…]
  local name=$1
  shift
  DISPLAY=:97 "$program" --lang en "$@" >/dev/null 2>&1 &
  local window=$!
  sleep "$wait"
  DISPLAY=:97 import -window root "docs/$name.png"
  kill $window
  wait $window 2>/dev/null || true
}
shot window
"$program" phantom nodule --out "$home/nodule" --quiet >/dev/null
"$program" phantom pleural --out "$home/pleural" --quiet >/dev/null
mkdir -p "$home/two" "$home/gap" "$home/none"
cp -r "$home/nodule/dicom" "$home/two/a"
cp -r "$home/pleural/dicom" "$home/two/b"
cp "$home/nodule/dicom"/* "$home/gap/"
ls "$home/gap" | sed -n '60p;61p' | while read -r file; do rm "$home/gap/$file"; done
echo "no scan" >"$home/none/letter.txt"
shot picker "$home/two"
shot banner "$home/gap"
shot refusal "$home/none"
