#!/usr/bin/env bash
# Fuzzes every door with libFuzzer and address sanitizer, and writes docs/fuzzing.md.
#
#   scripts/fuzz.sh SECONDS_PER_TARGET
#
# Needs nightly Rust, cargo-fuzz (cargo install cargo-fuzz) and a C++ compiler. Inputs that fail are kept in fuzz/artifacts.
set -uo pipefail
seconds=${1:?seconds for each target}
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=$PWD/target/fuzz
cargo run -q --release --manifest-path fuzz/Cargo.toml --bin bounded -- seeds
rows=""
for target in loader archive research plan assets; do
  log=$(mktemp)
  if cargo +nightly fuzz run --features libfuzzer "$target" -- -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
    -max_len=1048576 -print_final_stats=1 >"$log" 2>&1; then outcome="no fault"; else outcome="**a fault**"; fi
  stat() { grep -m1 "stat::$1" "$log" | tr -dc 0-9; }
  edges=$(grep -oE "cov: [0-9]+" "$log" | tail -n 1 | tr -dc 0-9)
  rows+="| $target | $seconds | $(stat number_of_executed_units) | ${edges:-0} | $(stat peak_rss_mb) | $outcome |"$'\n'
  [ "$outcome" = "no fault" ] || tail -n 40 "$log"
done
cat >docs/fuzzing.md <<EOF
# Fuzzing

Made by \`scripts/fuzz.sh $seconds\` on $(nproc) cores, $(date +%F), commit $(git rev-parse --short HEAD), $(rustc +nightly --version).

Each target takes any bytes and must come back: no panic, no hang over 10 s, no more than 2 GB, no fault of memory. Seeds are
files that the program writes, and files whose lengths, depths and codings lie (\`fuzz/src/lib.rs\`).

| target | seconds | inputs | edges met | peak MB | |
| --- | --- | --- | --- | --- | --- |
$rows
\`.ci/run\` runs the same targets for half a minute with changes at random
(\`cargo run --release --manifest-path fuzz/Cargo.toml --bin bounded -- 30\`).
EOF
cat docs/fuzzing.md
