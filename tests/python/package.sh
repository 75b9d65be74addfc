#!/usr/bin/env bash
# usage: package.sh SOURCE FOLDER     `pip install SOURCE` into a fresh virtual environment in FOLDER, then what the
# README shows, from another folder, so that nothing but the installed package can be imported.
set -euo pipefail
readonly source=$1 folder=$2

rm -rf "$folder"
/usr/bin/python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "$source"
mkdir "$folder/empty"
cd "$folder/empty"
env -u PYTHONPATH "$folder/venv/bin/python" "$source/tests/python/readme.py" "$source/README.md"
