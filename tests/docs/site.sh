#!/usr/bin/env bash
# usage: site.sh SOURCE BUILD     builds the site of SOURCE with the Python package of BUILD, and reads it.
set -euo pipefail
readonly source=$1 build=$2 folder=$2/site-test

rm -rf "$folder"
/usr/bin/python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check -r "$source/python/requirements-docs.txt"
"$source/docs/site/build.sh" "$build" "$folder/venv" "$folder/site"
"$folder/venv/bin/python" "$source/tests/docs/read_site.py" "$folder/site"

# A link to nowhere is an error.
mkdir "$folder/broken"
cp -r "$source"/{README.md,README.zh-CN.md,CHANGELOG.md,CONTRIBUTING.md,CITATION.cff,LICENSE,mkdocs.yml} "$folder/broken"
cp -r "$source"/{docs,recipes,results,examples,python} "$folder/broken"
cd "$folder/broken"
echo '[nowhere](nowhere.md)' >> docs/math.md
export PYTHONPATH=$build/python WTA_SITE_PARTS=$folder/site.parts NO_MKDOCS_2_WARNING=1
if "$folder/venv/bin/mkdocs" build --strict --site-dir "$folder/broken-site" 2>"$folder/broken.txt"; then
  echo "a broken link was not seen" >&2
  exit 1
fi
grep "contains a link 'nowhere.md'" "$folder/broken.txt"
