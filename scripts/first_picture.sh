#!/usr/bin/env bash
# How long from the start of the program until the first slice stands in the window, under Xvfb with software drivers;
# writes docs/first-picture.md. Needs xvfb, imagemagick and a release build.
#
#   scripts/first_picture.sh PATH_OF_A_CT [PROGRAM]
set -euo pipefail
scan=${1:?a CT is needed}
cd "$(dirname "$0")/.."
program=${2:-target/release/icepath}
home=$(mktemp -d)
export XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_CACHE_HOME=$home/cache WAYLAND_DISPLAY=
Xvfb :95 -screen 0 1366x768x24 >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$home"' EXIT
sleep 2
export DISPLAY=:95
# A pixel row of the axial pane: black and flat until a slice is there.
drawn() { [ "$(import -window root -crop 200x1+480+220 -format '%k' info:-)" -gt 20 ]; }
times=()
for _ in 1 2 3 4 5; do
  start=$(date +%s.%N)
  "$program" "$scan" >/dev/null 2>&1 &
  window=$!
  until drawn; do sleep 0.02; done
  times+=("$(echo "$(date +%s.%N) - $start" | bc)")
  kill $window
  wait $window 2>/dev/null || true
  sleep 0.5
done
median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 3p)
cat >docs/first-picture.md <<EOF
# From start to first picture

Made by \`scripts/first_picture.sh PATH_OF_A_CT\` on $(nproc) cores, $(date +%F), on \`$(basename "$scan")\`, at 1366 × 768 with software drivers: the time from starting the program with a PATH until a slice stands in the axial view, looked at by screenshots (each takes some hundredths of a second, counted in).

Median of five: $(printf '%.2f' "$median") s. All: $(printf '%.2f ' "${times[@]}")s.
EOF
cat docs/first-picture.md
