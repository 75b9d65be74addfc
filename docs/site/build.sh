#!/usr/bin/env bash
# usage: build.sh BUILD VENV SITE     the documents as a site in the folder SITE: the notebook run with the Python package of
# the folder BUILD, Doxygen's C++ reference, then mkdocs, for which a broken link is an error.
# VENV has what python/requirements-docs.txt lists.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$(realpath "$1") venv=$(realpath "$2") site=$(realpath -m "$3")
readonly parts=$site.parts
PYTHONPATH=$build/python
export PYTHONPATH WTA_SITE_PARTS=$parts PYTHONDONTWRITEBYTECODE=1 NO_MKDOCS_2_WARNING=1

rm -rf "$parts"
mkdir -p "$parts"
cp docs/tutorial-python.ipynb "$parts"
"$venv/bin/jupyter-execute" --inplace "$parts/tutorial-python.ipynb" 2>"$parts/notebook.log" ||
  { cat "$parts/notebook.log" >&2 && exit 1; }
{ cat docs/site/Doxyfile && echo "OUTPUT_DIRECTORY = $parts"; } | doxygen -
"$venv/bin/mkdocs" build --strict --site-dir "$site"
