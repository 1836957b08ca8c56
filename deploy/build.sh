#!/usr/bin/env bash
# Installs what building takes and builds Headgate: build/release/bin/headgate.
#
#   deploy/build.sh
#   deploy/build.sh -j 1    compiles one file at a time (otherwise one a core)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
script=deploy/build.sh
# shellcheck source=deploy/common.sh
source deploy/common.sh

jobs=$(nproc)
if [[ ${1:-} == -j ]]; then
  jobs=${2:-}
  [[ $jobs =~ ^[1-9][0-9]*$ ]] || fail "-j wants a number, as in: deploy/build.sh -j 1"
  shift 2
fi
(($# == 0)) || fail "It takes no other arguments than -j N, and was given: $*"

deploy/packages.sh build
need_toolchain
need_space . 1000

say "Building in build/release; the first time takes minutes"
configure release -DHEADGATE_TESTS=OFF
build release "$jobs" headgate
