#!/usr/bin/env bash
# usage: examples.sh SOURCE BUILD COMPILER     installs BUILD into a folder, then builds and runs SOURCE/examples there.
set -euo pipefail
readonly source=$1 build=$2 compiler=$3
readonly folder=$build/package-test

rm -rf "$folder"
mkdir -p "$folder/run"
cmake --install "$build" --prefix "$folder/installed" --component cpp >/dev/null
"$folder/installed/bin/wta" --version
for document in man/man1/wta.1 bash-completion/completions/wta zsh/site-functions/_wta fish/vendor_completions.d/wta.fish; do
  test -s "$folder/installed/share/$document"
done

cmake -S "$source/examples" -B "$folder/examples" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$folder/installed" >/dev/null
cmake --build "$folder/examples"
cd "$folder/run"
"$folder/examples/1_train_and_encode" | tee train.txt
grep -q 'epoch 5: explained variance 0\.[5-9]' train.txt
test -s digits.safetensors
"$folder/examples/2_learn_from_a_stream"
test -s atoms.png

libraries=$(find "$folder/installed" -name pkgconfig)
# shellcheck disable=SC2046  # one word per flag
"$compiler" "$source/examples/2_learn_from_a_stream.cpp" -o by_pkg_config \
  $(PKG_CONFIG_PATH=$libraries pkg-config --define-prefix --cflags --libs wta)
./by_pkg_config
