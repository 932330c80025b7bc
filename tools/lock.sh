#!/usr/bin/env bash
# Write constraints.txt: one version of everything that the book and its tests install, and of what
# is optional, for every Python from 3.11 on. Pins that still fit are kept; bash tools/lock.sh
# --upgrade takes the newest.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python -m pip install --quiet --target "$work/uv" uv
cp constraints.txt "$work" 2>/dev/null || true
"$work/uv/bin/uv" pip compile --no-config --quiet --no-header --no-annotate --universal \
    --python .venv/bin/python --python-version 3.11 --all-extras "$@" \
    --output-file "$work/constraints.txt" requirements-test.txt pyproject.toml
{
    echo "# The versions that the book is tested with. \`make lock\` writes this file from"
    echo "# requirements.txt, requirements-test.txt and pyproject.toml."
    cat "$work/constraints.txt"
} >"$work/written"
mv "$work/written" constraints.txt
