#!/usr/bin/env bash
# One click and one stroke on many small nodules, held against their readers; writes docs/nodules.md.
#
#   scripts/nodules.sh FOLDER      FOLDER as `examples/lesion_voi.rs` wants it
set -euo pipefail
folder=${1:?the folder of nodules is needed}
cd "$(dirname "$0")/.."
cargo build --release --example lesion_voi
run() { target/release/examples/lesion_voi "$folder" "$@" --again; }
{
  echo "# Small nodules"
  echo
  echo "Made by \`scripts/nodules.sh FOLDER\` on $(nproc) cores, $(date +%F), commit $(git rev-parse --short HEAD)."
  echo
  echo "Nodules that three or four readers outlined (LIDC-IDRI), one click and one stroke each, without any hint. The even half was"
  echo "looked at while the method was made, the odd half was not."
  for half in "2+0 even" "2+1 odd"; do
    echo
    echo "## The ${half#* } half"
    echo
    echo '```'
    run "${half% *}"
    echo '```'
  done
} >docs/nodules.md
cat docs/nodules.md
