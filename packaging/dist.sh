#!/usr/bin/env bash
# Build sdist and wheel of both distributions, and check them: dist.sh BIN OUT
#
# BIN is the folder of an environment's programs, with build and twine. A distribution is built from a copy in which
# every link is what it leads to: an archive must hold files, and LICENSE, models and unit lie once in this repository.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$1
out=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/digitcam-dist.XXXXXX")
trap 'rm -rf "$work"' EXIT

for part in device host; do
    mkdir "$work/$part"
    # what is under version control, or would be: nothing that an editable installation or Python left here
    git ls-files -z --cached --others --exclude-standard "$part" | while IFS= read -r -d '' path; do
        [[ -e $path ]] || continue
        mkdir -p "$work/$(dirname "$path")"
        cp -rL "$path" "$work/$path"
    done
    "$bin/python" -m build --outdir "$work/out" "$work/$part" >"$work/$part.log" 2>&1 || { cat "$work/$part.log" >&2; exit 1; }
done
"$bin/twine" check --strict "$work"/out/*
rm -rf "$out"
mkdir -p "$(dirname "$out")"
mv "$work/out" "$out"
ls -l "$out"
