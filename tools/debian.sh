#!/usr/bin/env bash
# Install Debian (or Ubuntu) packages: bash tools/debian.sh NAME…
# Says what it installs, and what to do where it cannot.
set -eu
if ! command -v apt-get >/dev/null; then
    echo "This needs the equivalent of the Debian packages: $*. Install them and try again." >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root="env"
elif command -v sudo >/dev/null; then
    as_root="sudo env"
else
    echo "This needs the Debian packages: $*. As root: apt-get install -y $*" >&2
    exit 1
fi
echo "Installing the Debian packages: $*"
as_root="$as_root DEBIAN_FRONTEND=noninteractive"
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
