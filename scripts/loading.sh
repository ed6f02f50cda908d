#!/usr/bin/env bash
# Loading held against its truth and against peers, in one run; writes docs/loading.md.
#
#   scripts/loading.sh DICOM_CHECKS PEERS PYTHON SCRATCH_FOLDER REAL_SCANS
#
# DICOM_CHECKS: a folder with gen_ct.py (writes series with their truth) and check_volume.py (holds a program against them).
# PEERS: a folder with run.sh (times other readers, one JSON line each). PYTHON: an interpreter with what both need.
# REAL_SCANS: a folder of series, as folders or zips, that are read by SimpleITK too.
set -euo pipefail
checks=${1:?the folder of gen_ct.py and check_volume.py is needed}
peers=${2:?the folder of run.sh of the peers is needed}
python=${3:?a Python with what they need is needed}
scratch=${4:?a folder for some 3 GB is needed}
scans=${5:?a folder of real series is needed}
here=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONDONTWRITEBYTECODE=1 PEERS_PYTHON=$python PEERS_TMP=$scratch/peers
mkdir -p "$scratch/peers"
cd "$here"
cargo build --release --bin icepath --example loading
loading=$here/target/release/examples/loading

[ -d "$scratch/cases" ] || "$python" "$checks/gen_ct.py" --all --out "$scratch/cases"
"$python" "$checks/check_volume.py" --run "$here/target/release/icepath" "$scratch/cases" --strict >"$scratch/cases.txt" || true

: >"$scratch/times.jsonl"
for input in raw jpegls jpeglossless j2k rle; do
  for peer in "SimpleITK ImageSeriesReader" "VTK vtkDICOMImageReader"; do
    (cd "$peers" && ./run.sh load --input $input --peer "$peer" --runs 3) >>"$scratch/times.jsonl" 2>/dev/null || true
  done
  "$loading" load "$scratch/peers/series-$input" 7 | sed "s/{/{\"input\":\"$input\",/" >>"$scratch/times.jsonl"
  "$loading" first "$scratch/peers/series-$input" 5 | sed "s/{/{\"input\":\"$input\",/" >>"$scratch/times.jsonl"
done
(cd "$peers" && ./run.sh scan --peer "GDCM Scanner, 6 tags" --runs 5) >>"$scratch/times.jsonl" 2>/dev/null || true
"$loading" scan "$scratch/peers/scan2000" 9 | sed 's/{/{"input":"2000 files",/' >>"$scratch/times.jsonl"

"$python" - "$scans" "$here/target/release/icepath" "$scratch" >"$scratch/real.txt" <<'EOF'
# Voxel by voxel and corner by corner against SimpleITK, each on its own.
import json, os, subprocess, sys, zipfile
import numpy as np
import SimpleITK as sitk
scans, program, scratch = sys.argv[1:]
for name in sorted(os.listdir(scans)):
    path = os.path.join(scans, name)
    if not (os.path.isdir(path) or name.endswith(".zip")):
        continue
    out = f"{scratch}/real.nrrd"
    ran = subprocess.run([program, "volume", path, "--out", out, "--json", "--quiet"], capture_output=True, text=True)
    if ran.returncode:
        continue
    uid = json.loads(ran.stdout)["series_uid"]
    folder = path
    if name.endswith(".zip"):
        folder = f"{scratch}/real-{name}"
        if not os.path.isdir(folder):
            zipfile.ZipFile(path).extractall(folder)
    files = next((f for d, _, _ in os.walk(folder) if (f := sitk.ImageSeriesReader.GetGDCMSeriesFileNames(d, uid))), None)
    if not files:
        continue
    theirs, ours = sitk.ReadImage(files), sitk.ReadImage(out)
    a, b = sitk.GetArrayFromImage(theirs).astype(np.int32), sitk.GetArrayFromImage(ours).astype(np.int32)
    if a.shape != b.shape:
        print(f"{name}\t{a.shape} against {b.shape}\t\t")
        continue
    measured = b != -32768
    corners = [(x, y, z) for x in (0, a.shape[2] - 1) for y in (0, a.shape[1] - 1) for z in (0, a.shape[0] - 1)]
    off = max(np.linalg.norm(np.subtract(theirs.TransformIndexToPhysicalPoint(c), ours.TransformIndexToPhysicalPoint(c))) for c in corners)
    print(f"{name}\t{a.size}\t{int((a != b)[measured].sum())}\t{int((~measured).sum())}\t{off:.1e}")
EOF

# JPEG of 12 bits: the same streams decoded here and by dcmdjpeg, for real series whose values have 12 bits.
: >"$scratch/twelve.txt"
if command -v dcmcjpeg >/dev/null; then
  for series in "$scans"/*/; do
    rm -rf "$scratch/coded" "$scratch/decoded"
    mkdir -p "$scratch/coded" "$scratch/decoded"
    for file in "$series"*; do
      name=$(basename "$file")
      dcmcjpeg +ee "$file" "$scratch/coded/$name" 2>/dev/null && dcmdjpeg "$scratch/coded/$name" "$scratch/decoded/$name" || break
    done
    [ "$(ls "$scratch/decoded" | wc -l)" = "$(ls "$series" | wc -l)" ] || continue
    for how in coded decoded; do target/release/icepath volume "$scratch/$how" --out "$scratch/$how.nrrd" --quiet >/dev/null; done
    "$python" - "$(basename "$series")" "$scratch" >>"$scratch/twelve.txt" <<'EOF'
import sys
import numpy as np
import SimpleITK as sitk
name, scratch = sys.argv[1:]
a, b = (sitk.GetArrayFromImage(sitk.ReadImage(f"{scratch}/{how}.nrrd")).astype(np.int32) for how in ("coded", "decoded"))
off = np.abs(a - b)
print(f"{name}\t{a.size}\t{100 * (off > 0).mean():.1f} %\t{off.max()}")
EOF
  done
fi

"$python" - "$scratch" >docs/loading.md <<'EOF'
import json, os, re, sys
from datetime import date
scratch = sys.argv[1]
print(f"""# Loading: how right, how fast

Made by `scripts/loading.sh DICOM_CHECKS PEERS PYTHON SCRATCH_FOLDER REAL_SCANS` on {os.cpu_count()} cores, {date.today()}.

## Right

Series written with their truth, one for each awkward case, read by `icepath volume` and held against it: outcome, findings,
geometry to 1e-4 mm, every voxel where the grid is exact, else the HU at landmarks; axes in the order in which SimpleITK has them.
""")
lines = [l.rstrip() for l in open(f"{scratch}/cases.txt")]
print("\n".join(l for l in lines if re.match(r"\d+ of \d+ right", l)) + "\n")
print("| case | volume | expected and got | |\n| --- | --- | --- | --- |")
for l in lines:
    m = re.match(r"(\S+)\s+(\S+)\s+(\d+)\s+(loads|refused)\s+[\d.]+ s\s*(.*)", l)
    if m:
        verdict, case, volume, outcome, more = m.groups()
        print(f"| {case} | {volume} | {outcome}{'' if verdict == 'ok' else ' **wrong**'} | {more} |")
print("""
Real series, each read by `icepath volume` and by SimpleITK's series reader: voxels that differ, voxels that we hold for padding
(not compared), and how far the corners of the volume lie apart.

| series | voxels | different | padding | corners mm |
| --- | --- | --- | --- | --- |""")
for line in open(f"{scratch}/real.txt"):
    print("| " + " | ".join(line.rstrip("\n").split("\t")) + " |")
twelve = [line.rstrip("\n").split("\t") for line in open(f"{scratch}/twelve.txt")]
if twelve:
    print("""
JPEG extended, 12 bit (`dcmcjpeg +ee`): the same streams decoded here and by `dcmdjpeg` (IJG's integer transform).

| series | voxels | that differ | by at most HU |
| --- | --- | --- | --- |""")
for row in twelve:
    print("| " + " | ".join(row) + " |")
times = [json.loads(l) for l in open(f"{scratch}/times.jsonl") if l.startswith("{")]
names = {"raw": "uncompressed", "jpegls": "JPEG-LS", "jpeglossless": "JPEG lossless", "j2k": "JPEG 2000", "rle": "RLE"}
print("""
## Fast and lean

512 × 512 × 400, page cache warm, best of several runs, two threads for all; ratios are ours over theirs in this same run. Ours
is checked, sorted and in HU; memory is what was taken beyond the program's own, over the volume's in 16 bits.

| series | icepath s (CPU s) | memory | first slice s | peer | its s (CPU s) | ratio s | ratio CPU s |
| --- | --- | --- | --- | --- | --- | --- | --- |""")
for key, name in names.items():
    rows = [t for t in times if t.get("input") == key and "seconds_min" in t]
    ours = next((t for t in rows if t["peer"] == "icepath" and t["task"] == "load"), None)
    first = next((t for t in rows if t["peer"] == "icepath" and t["task"] == "first"), None)
    if not ours:
        continue
    own = f"{ours['seconds_min']:.2f} ({ours['cpu_seconds_min']:.2f}) | {ours['peak_of_volume']:.2f} | {first['seconds_min']:.3f}"
    others = [t for t in rows if t["peer"] != "icepath"]
    for t in others:
        w, c = t["seconds_min"], t["cpu_seconds_min"]
        print(f"| {name} | {own} | {t['peer']} | {w:.2f} ({c:.2f}) | {ours['seconds_min']/w:.2f} | {ours['cpu_seconds_min']/c:.2f} |")
    if not others:
        print(f"| {name} | {own} | none ran | | | |")
scan = [t for t in times if t["task"] == "scan" and "seconds_min" in t]
ours = next(t for t in scan if t["peer"] == "icepath")
print("\n2,000 files in five series, headers only:\n\n| reader | s | CPU s |\n| --- | --- | --- |")
for t in scan:
    print(f"| {t['peer']} | {t['seconds_min']:.3f} | {t['cpu_seconds_min']:.3f} |")
EOF
tail -n 30 docs/loading.md
