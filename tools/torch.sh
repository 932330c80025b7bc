#!/usr/bin/env bash
# What `make book` does about PyTorch, by far the largest part of the environment, before it installs
# the rest: with a name, as in `make book TORCH=cpu`, install that build from PyTorch's own index;
# without, say so where the usual build would be several GB for nothing.
set -eu
build=${1:-}
python=.venv/bin/python
if [ -n "$build" ]; then
    echo "Installing PyTorch's $build build into .venv."
    exec $python -m pip install --quiet --no-deps --constraint constraints.txt \
        --index-url "https://download.pytorch.org/whl/$build" torch torchvision
fi
there="from importlib.util import find_spec; raise SystemExit(find_spec('torch') is None)"
if [ "$(uname -s)" = Linux ] && ! nvidia-smi >/dev/null 2>&1 && ! $python -c "$there"; then
    echo "This machine has no NVIDIA GPU. To save about 5 GB of 6, stop this (Ctrl-C) and run instead:"
    echo "    make book TORCH=cpu"
fi
