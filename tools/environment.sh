#!/usr/bin/env bash
# Make the virtual environment .venv where there is none that works.
set -eu
if .venv/bin/python -m pip --version >/dev/null 2>&1; then
    exit 0
fi
if ! command -v python3 >/dev/null; then
    bash tools/debian.sh python3 python3-venv
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "The book needs Python 3.11 or later; python3 is $(python3 --version 2>&1)." >&2
    exit 1
fi
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    bash tools/debian.sh python3-venv
fi
python3 -m venv --clear .venv
