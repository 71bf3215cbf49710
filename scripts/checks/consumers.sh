#!/usr/bin/env bash
# Other projects use the library: by find_package from a clean prefix, by add_subdirectory, by FetchContent,
# and by pkg-config.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

quietly() {
  if ! "$@" >"$folder/log" 2>&1; then
    cat "$folder/log"
    echo "failed: $*"
    exit 1
  fi
}

quietly cmake -S "$root" -B "$folder/package" -G Ninja -DTENSORLAB_BUILD_TESTS=OFF -DTENSORLAB_BUILD_EXAMPLES=OFF \
  -DTENSORLAB_BUILD_BENCHMARKS=OFF -DCMAKE_INSTALL_PREFIX="$folder/prefix"
quietly cmake --install "$folder/package"
# The prefix must stand on its own: moved, and with the project's build folder gone.
rm -rf "$folder/package"
mv "$folder/prefix" "$folder/moved"
if grep -rlF -e "$root" -e "$folder" "$folder/moved"; then
  echo "failed: the installed files above name folders of the machine that built them"
  exit 1
fi

quietly cmake -S "$root/tests/consumer/find_package" -B "$folder/found" -G Ninja -DCMAKE_PREFIX_PATH="$folder/moved"
quietly cmake --build "$folder/found"
quietly "$folder/found/consumer"
quietly "$folder/found/consumer_of_headers"
echo "find_package: works"

for way in add_subdirectory fetch_content; do
  quietly cmake -S "$root/tests/consumer/$way" -B "$folder/$way" -G Ninja -DTENSORLAB_SOURCE="$root"
  quietly cmake --build "$folder/$way"
  quietly "$folder/$way/consumer"
  quietly "$folder/$way/consumer_of_headers"
  echo "$way: works"
done

export PKG_CONFIG_PATH=$folder/moved/share/pkgconfig
# shellcheck disable=SC2046
quietly "${CXX:-c++}" -std=c++20 $(pkg-config --cflags tensorlab) "$root/tests/consumer/headers.cpp" -o "$folder/by_pkg_config"
quietly "$folder/by_pkg_config"
echo "pkg-config $(pkg-config --modversion tensorlab): works"
