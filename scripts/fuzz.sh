#!/usr/bin/env bash
# Fuzzes every door and writes docs/fuzzing.md: with libFuzzer and the address sanitizer where nightly Rust, cargo-fuzz (cargo
# install cargo-fuzz) and a C++ compiler are there, else by changes at random on stable Rust.
#
#   scripts/fuzz.sh SECONDS_PER_TARGET
#
# Inputs that fail are kept in fuzz/artifacts.
set -uo pipefail
seconds=${1:?seconds for each target}
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=$PWD/target/fuzz
bounded() { cargo run -q --release --manifest-path fuzz/Cargo.toml --bin bounded -- "$@"; }
targets="loader archive research plan assets"
if command -v cargo-fuzz >/dev/null && rustup toolchain list | grep -q nightly; then
  how="libFuzzer with the address sanitizer, $(rustc +nightly --version)"
  head="| target | inputs in $seconds s | edges met | peak MB | |
| --- | --- | --- | --- | --- |"
  bounded seeds
  rows=""
  for target in $targets; do
    log=$(mktemp)
    if cargo +nightly fuzz run --features libfuzzer "$target" -- -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
      -max_len=1048576 -print_final_stats=1 >"$log" 2>&1; then outcome="no fault"; else outcome="**a fault**"; fi
    stat() { grep -m1 "stat::$1" "$log" | tr -dc 0-9; }
    edges=$(grep -oE "cov: [0-9]+" "$log" | tail -n 1 | tr -dc 0-9)
    rows+="| $target | $(stat number_of_executed_units) | ${edges:-0} | $(stat peak_rss_mb) | $outcome |"$'\n'
    [ "$outcome" = "no fault" ] || tail -n 40 "$log"
  done
else
  how="changes at random, $(rustc --version)"
  head="| target and outcome |
| --- |"
  rows=$(bounded $((5 * seconds)) "$(date +%s)" | sed 's/.*/| & |/')
fi
cat >docs/fuzzing.md <<EOF
# Fuzzing

Made by \`scripts/fuzz.sh $seconds\` on $(nproc) cores, $(date +%F), commit $(git rev-parse --short HEAD): $how.

Each target takes any bytes and must come back: no panic, no overflow, no hang. Seeds are files that the program writes, and
files whose lengths, depths and codings lie (\`fuzz/src/lib.rs\`).

$head
$rows

\`.ci/run\` runs the same targets for half a minute with changes at random
(\`cargo run --release --manifest-path fuzz/Cargo.toml --bin bounded -- 30\`).
EOF
cat docs/fuzzing.md
