#!/usr/bin/env bash
# Makes docs/window.png: the window on the sample scan, under Xvfb. Needs xvfb, xdotool, imagemagick and a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-target/release/icepath}
home=$(mktemp -d)
export XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_CACHE_HOME=$home/cache
Xvfb :97 -screen 0 1366x768x24 >/dev/null 2>&1 &
server=$!
trap 'kill $window $server 2>/dev/null || true; rm -rf "$home"' EXIT
sleep 2
DISPLAY=:97 WAYLAND_DISPLAY= "$program" --lang en >/dev/null 2>&1 &
window=$!
sleep "${2:-12}"
DISPLAY=:97 import -window root docs/window.png
