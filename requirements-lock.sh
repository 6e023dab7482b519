#!/bin/sh
# Compile requirements*.in to requirements*.txt: hashes for every platform, no index address, no path.
# The compiler (uv) lives in a throw-away environment; nothing else of the project needs it.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work"
"$work/bin/python" -m pip install --quiet uv
for name in requirements requirements-dev requirements-bench; do
    "$work/bin/uv" --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links --no-annotate "$@" "$name.in" -o "$name.txt" >/dev/null
done
