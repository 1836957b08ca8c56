#!/usr/bin/env bash
# Installs MQTT.js, of the exact versions of package-lock.json, into build/peers, for the system tests. Does nothing when it is
# there. Without node, npm or a network it says so and ends with 0: the tests that want it are then skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
target=../../../build/peers

if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
  printf 'Without node and npm the tests with MQTT.js are skipped.\n'
  exit 0
fi
if cmp --silent package-lock.json "$target/installed-lock.json"; then
  exit 0
fi
mkdir -p "$target"
cp package.json package-lock.json "$target/"
if (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-timeout=60000 </dev/null); then
  cp package-lock.json "$target/installed-lock.json"
else
  rm -rf "$target/node_modules"
  printf 'npm could not install MQTT.js, and says why above: the tests with it are skipped.\n'
fi
