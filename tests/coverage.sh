#!/usr/bin/env bash
# Line coverage of what speaks MQTT: mqtt/, proxy/session/ and proxy/gateway/. Status 1 when one of them is below the bar.
#
#   tests/coverage.sh                 builds in build/coverage (clang) and runs the tests of these folders
#   tests/coverage.sh --quick         without the server's own tests of the standards, and half of the others' repetitions
#   tests/coverage.sh --report        from the last run once more
#   tests/coverage.sh --lines FILE    which lines of a file no test ran, from the last run
#
# What runs: the unit tests of these folders and of the worker, which leads them, with engines that answer at once and
# later; 200 seeds of the simulation; tests/spec, with its conversations over a socket. Takes a quarter of an hour.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bar=95
folders=(mqtt proxy/session proxy/gateway)
programs=(unit_mqtt_test unit_proxy_session_test unit_proxy_gateway_test unit_worker_test sim)
served=(spec_test headgate)
build=build/coverage
profiles=$build/profiles
merged=$build/coverage.profdata

tool() { command -v "$1-14" || command -v "$1" || { echo "there is no $1-14: install llvm-14" >&2; exit 2; }; }
cov=$(tool llvm-cov)
profdata=$(tool llvm-profdata)

mode=${1:-all}
case $mode in
  all | --quick | --report | --lines) ;;
  *) sed -n '2,11s/^# \?//p' "$0" >&2; exit 2 ;;
esac

# Each process writes a file of its own, named after itself.
run() {
  echo "$*" >&2
  LLVM_PROFILE_FILE="$PWD/$profiles/$(basename "$1")-%p.profraw" timeout 1800 "$@" >"$build/last.log" 2>&1 ||
    { tail -40 "$build/last.log" >&2; exit 1; }
}

spec_over_sockets() {
  local test
  for test in tests/spec/*_test.py; do
    echo "$test" >&2
    LLVM_PROFILE_FILE="$PWD/$profiles/spec-%p.profraw" HEADGATE_BINARIES="$PWD/$build/bin" HEADGATE_TEST_SETTINGS="workers=1" \
      timeout 600 python3 -B "$test" >"$build/last.log" 2>&1 || { tail -40 "$build/last.log" >&2; exit 1; }
  done
}

# A sanitized or counted program is placed as the others are (tests/run.sh says why).
measure() {
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
  cmake --preset coverage >"$build.log" || { cat "$build.log" >&2; exit 1; }
  [ "$mode" = --quick ] || programs+=("${served[@]}")
  cmake --build --preset coverage --target "${programs[@]}" >"$build.log" || { cat "$build.log" >&2; exit 1; }
  rm -rf "$profiles"
  mkdir -p "$profiles"
  # Counts of system calls and memory are another matter, and take long here.
  local filter=-*steady_state*
  for program in "${programs[@]}"; do
    case $program in
      sim) run "$build/bin/sim" --seeds 1:200 ;;
      headgate) spec_over_sockets ;;
      unit_worker_test)
        HEADGATE_TEST_COMPLETIONS=later run "$build/bin/$program" --gtest_filter="$filter"
        [ "$mode" = --quick ] || run "$build/bin/$program" --gtest_filter="$filter"
        ;;
      *) run "$build/bin/$program" ;;
    esac
  done
  "$profdata" merge -sparse "$profiles"/*.profraw -o "$merged"
}

mkdir -p "$build"
case $mode in
  all | --quick) measure ;;
esac
[ -f "$merged" ] || { echo "nothing was measured yet: tests/coverage.sh" >&2; exit 2; }

[ "$mode" != --quick ] || served=() # what was built earlier would not fit what was counted now
objects=()
for program in "${programs[@]}" "${served[@]}"; do
  [ -x "$build/bin/$program" ] && objects+=(-object "$build/bin/$program")
done

if [ "$mode" = --lines ]; then
  # All files are shown, since llvm-cov does not find one by the relative name that ccache has given it.
  "$cov" show "${objects[@]:1}" -show-instantiations=false -instr-profile="$merged" 2>/dev/null |
    awk -v file="$PWD/${2:?--lines wants a file}:" '/^\// { inside = $0 == file } inside && /^ *[0-9]+\| *0\|/'
  exit 0
fi

"$cov" export -summary-only "${objects[@]:1}" -instr-profile="$merged" 2>/dev/null >"$build/coverage.json"
python3 -B - "$build/coverage.json" "$PWD" "$bar" "${folders[@]}" <<'PYTHON'
import json
import os
import sys

report, root, bar, folders = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]
files = {}
for file in json.load(open(report, encoding="utf-8"))["data"][0]["files"]:
    lines = file["summary"]["lines"]
    files[os.path.relpath(file["filename"], root)] = (lines["covered"], lines["count"])

def show(name, covered, count):
    share = 100.0 * covered / count if count else 100.0
    print(f"{name:<44} {covered:>6} of {count:>6} lines {share:6.1f} %")
    return share

below = False
for folder in folders:
    inside = {name: sums for name, sums in sorted(files.items()) if os.path.dirname(name) == folder}
    covered, count = (sum(column) for column in zip(*inside.values())) if inside else (0, 1)
    below |= show(folder + "/", covered, count) < bar
    for name, (file_covered, file_count) in inside.items():
        if file_count and 100.0 * file_covered / file_count < bar:
            show("  " + name, file_covered, file_count)
sys.exit(below)
PYTHON
