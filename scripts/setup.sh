#!/usr/bin/env bash
# Installs what this project needs from the distribution's packages (Debian 12, Ubuntu 24.04). Asks nothing; installs
# only what is missing. TENSORLAB_NO_SETUP=1 skips it.
# usage: scripts/setup.sh [programs|tests|checks]   each includes those before it; default checks
set -euo pipefail

level=${1:-checks}
[[ -n ${TENSORLAB_NO_SETUP:-} ]] && exit 0

packages=(g++ cmake ninja-build ccache pkg-config python3
  libxsimd-dev libxtensor-dev nlohmann-json3-dev libzip-dev libcli11-dev)
optional=(libdnnl-dev)  # without it TensorLab::cpu runs on loops of its own
case $level in
  programs) ;;
  tests) packages+=(catch2 libeigen3-dev) ;;
  checks) packages+=(catch2 libeigen3-dev clang libclang-rt-dev libomp-dev clang-format python3-venv libbenchmark-dev) ;;
  *) echo "setup: unknown argument '$level': programs, tests or checks" >&2; exit 2 ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "setup: this is neither Debian nor Ubuntu. Install the counterparts of these packages by hand, then set" >&2
  echo "setup: TENSORLAB_NO_SETUP=1: ${packages[*]} ${optional[*]}" >&2
  exit 1
fi

installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }
missing=()
for package in "${packages[@]}" "${optional[@]}"; do
  installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
    echo "setup: these packages are missing, and only root can install them (sudo would ask for a password):" >&2
    echo "setup:   sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo -n)
fi

echo "setup: installing ${missing[*]}"
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a \
    apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 "$@"
}
apt update || echo "setup: the package lists could not be refreshed; trying with the old ones" >&2
wanted=()
for package in "${missing[@]}"; do
  if [[ " ${optional[*]} " == *" $package "* ]] && ! apt-cache show "$package" >/dev/null 2>&1; then
    echo "setup: this distribution has no $package; going on without it"
  else
    wanted+=("$package")
  fi
done
if ! apt install -y --no-install-recommends "${wanted[@]}" >/dev/null; then
  echo "setup: apt-get could not install: ${wanted[*]}" >&2
  exit 1
fi
