#!/usr/bin/env bash
# Gradescope runs this once, as root, to make the image that submissions are graded in.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
python="${PYTHON:-python3}"

usable() { "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! usable && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv
fi
if ! usable; then
    echo "Gradschool needs Python 3.11 or newer with venv: choose a base image with Ubuntu 24.04 or newer" >&2
    exit 1
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install --quiet --disable-pip-version-check \
    --extra-index-url https://download.pytorch.org/whl/cpu \
    -c "$root/source/constraints.txt" "$root"/source/*.whl
"$root/venv/bin/python" -m autograder.classroom.gradescope_run prepare "$root"
