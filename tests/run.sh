#!/usr/bin/env bash
# Installs what testing takes, builds every preset and runs every test in each. The last lines are one summary of ctest, over
# the tests of all presets; when anything failed before the tests, they are a sentence that says what and how to go on.
#
#   tests/run.sh                   the layout of the sources, then release, tsan (what has threads) and fuzz (everything, and the
#                                  fuzzers, with clang's AddressSanitizer and UndefinedBehaviorSanitizer)
#   tests/run.sh release           one preset only, or several: tests/run.sh tsan fuzz. asan-ubsan, with GCC, is by hand only
#   tests/run.sh format            only the layout of the sources (clang-format)
#   tests/run.sh tidy              only clang-tidy, over all sources (not part of the whole: it takes minutes)
#   tests/run.sh --clean           builds from clean, and without what ccache remembers: for measuring
#   tests/run.sh --begin-within 35 leaves out a preset whose build would begin later than after so many minutes: it counts as a
#                                  skipped test, whose name says so. The first one is always built
#   tests/run.sh -j 1              one compiler and one test at a time (otherwise one a core)
#
# An option comes first. The tests stay in build/all, where one that failed is run again with:
#   ctest --test-dir build/all --output-on-failure -R NAME
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
script=tests/run.sh
# shellcheck source=deploy/common.sh
source deploy/common.sh
exec </dev/null

# The sanitizers of GCC 12 and clang 14 cannot place their memory on kernels that spread addresses over more than 28 bits.
if [[ -z ${HEADGATE_FIXED_ADDRESSES:-} && $(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0) -gt 28 ]] &&
  setarch --addr-no-randomize true 2>/dev/null; then
  HEADGATE_FIXED_ADDRESSES=yes exec setarch --addr-no-randomize tests/run.sh "$@"
fi

usage="Usage: tests/run.sh [-j N] [--clean] [--begin-within MINUTES] [format|release|asan-ubsan|tsan|fuzz|dev|tidy]…"
jobs=$(nproc)
clean=no
begin_within=
stages=()
while (($#)); do
  case $1 in
    -j)
      jobs=${2:-}
      [[ $jobs =~ ^[1-9][0-9]*$ ]] || fail "-j wants a number. $usage"
      shift
      ;;
    --clean) clean=yes ;;
    --begin-within)
      begin_within=${2:-}
      [[ $begin_within =~ ^[0-9]+$ ]] || fail "--begin-within wants minutes. $usage"
      shift
      ;;
    --help | -h) printf '%s\n' "$usage" && exit 0 ;;
    format | release | asan-ubsan | tsan | fuzz | dev | tidy) stages+=("$1") ;;
    *) fail "'$1' is neither an option nor a stage. $usage" ;;
  esac
  shift
done
if ((${#stages[@]} == 0)); then
  stages=(format release tsan fuzz)
fi

export UBSAN_OPTIONS=print_stacktrace=1
# What was compiled in one checkout serves another one.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

sources() {
  find . \( -path ./build -o -path ./.git \) -prune -o -name '*.[ch]pp' -print0 -o -name '*.[ch]' -print0
}

stage_format() {
  if [[ $(clang-format --version) != *"version 14."* ]]; then
    printf 'Left out: the layout is that of clang-format 14, and this is %s\n' "$(clang-format --version)"
    return
  fi
  local file wrong=()
  while IFS= read -r -d '' file; do
    clang-format --dry-run --Werror --ferror-limit=1 "$file" 2>/dev/null || wrong+=("${file#./}")
  done < <(sources)
  ((${#wrong[@]} == 0)) || fail "${#wrong[@]} files are not laid out as .clang-format says. This does it:

  clang-format -i ${wrong[*]}"
}

tidy_one() {
  printf '%s\n' "${1#./}"
  clang-tidy --quiet -p build/fuzz "$1" 2> >(grep -v ' warnings\? generated' >&2)
}

stage_tidy() {
  configure fuzz -DHEADGATE_TESTS=ON # for clang's own flags
  export -f tidy_one
  # shellcheck disable=SC2016  # the inner shell expands it
  find . \( -path ./build -o -path ./.git \) -prune -o -name '*.cpp' -print0 |
    xargs -0 --max-args=1 --max-procs="$jobs" bash -c 'tidy_one "$1"' tidy_one ||
    fail "clang-tidy objects to the files that it names above."
}

# stage_preset PRESET: configures, builds, and notes the tests for the run at the end.
stage_preset() {
  local preset=$1
  if [[ $clean == yes ]]; then rm -rf "build/$preset"; fi
  configure "$preset" -DHEADGATE_TESTS=ON
  build "$preset" "$jobs"
  ctest --test-dir "build/$preset" --show-only=json-v1 >"build/all/$preset.json" ||
    fail "ctest cannot list the tests of the preset $preset, and says why above."
  presets+=("$preset")
}

# Whether it is too late to begin another preset.
is_late() {
  [[ -n $begin_within ]] && ((${#presets[@]} > 0 && SECONDS > 60 * begin_within))
}

# Writes build/all/CTestTestfile.cmake with the tests of all presets, each named PRESET/TEST, for one run with one summary. A
# preset that was left out is one test there, which is skipped.
join_tests() {
  python3 - "${presets[*]}" "${left_out[*]}" "${begin_within:-}" <<'PYTHON'
import json, pathlib, sys

presets, left_out, begin_within = sys.argv[1].split(), sys.argv[2].split(), sys.argv[3]

NAMES_OF_TESTS = ("DEPENDS",)
NAMES_OF_FIXTURES = ("FIXTURES_SETUP", "FIXTURES_CLEANUP", "FIXTURES_REQUIRED")

def quoted(value):
    if isinstance(value, bool):
        value = "TRUE" if value else "FALSE"
    elif isinstance(value, list):
        value = ";".join(str(item).replace(";", "\\;") for item in value)
    return f"[====[{value}]====]"

lines = []
for preset in presets:
    for test in json.loads(pathlib.Path(f"build/all/{preset}.json").read_text(encoding="utf-8"))["tests"]:
        name = quoted(f"{preset}/{test['name']}")
        command = test.get("command") or ["the program of this test was not built"]
        lines.append(f"add_test({name} {' '.join(map(quoted, command))})")
        for entry in test.get("properties", []):
            key, value = entry["name"], entry["value"]
            if key in NAMES_OF_TESTS + NAMES_OF_FIXTURES:
                value = [f"{preset}/{item}" for item in value]
            lines.append(f"set_tests_properties({name} PROPERTIES {key} {quoted(value)})")
for preset in left_out:
    name = f"{preset}/left_out_as_its_build_would_have_begun_after_more_than_{begin_within}_minutes"
    lines.append(f"add_test({name} sh -c [====[exit 77]====])")
    lines.append(f"set_tests_properties({name} PROPERTIES SKIP_RETURN_CODE 77)")
pathlib.Path("build/all/CTestTestfile.cmake").write_text("\n".join(lines) + "\n", encoding="utf-8")
PYTHON
}

times=()
# timed WHAT COMMAND…
timed() {
  local what=$1 start=$SECONDS
  shift
  "$@"
  times+=("$(printf '%-45s %5d s' "$what" $((SECONDS - start)))")
}

deploy/packages.sh build test
tests/system/peers/install.sh
if [[ " ${stages[*]} " == *" tidy "* ]]; then deploy/packages.sh build tidy; fi
need_toolchain
need_space . 4000
mkdir -p build/all
if [[ $clean == yes ]]; then export CCACHE_RECACHE=1; fi

presets=()
left_out=()
for stage in "${stages[@]}"; do
  case $stage in
    format)
      say "The layout of the sources"
      timed "layout of the sources" stage_format
      ;;
    tidy)
      say "clang-tidy"
      timed "clang-tidy" stage_tidy
      ;;
    *)
      if is_late; then
        say "Left out: $stage, since $((SECONDS / 60)) minutes have passed"
        left_out+=("$stage")
        continue
      fi
      state="from clean"
      if [[ -f build/$stage/build.ninja && $clean == no ]]; then state="what changed"; fi
      if [[ $state == "from clean" && $clean == no ]] && command -v ccache >/dev/null; then state="from clean, with ccache"; fi
      say "Building the preset $stage ($state)"
      timed "build $stage, $state" stage_preset "$stage"
      ;;
  esac
done

say "Time taken"
printf '  %s\n' "${times[@]}"
if ((${#presets[@]} == 0)); then
  exit 0
fi

say "Running the tests of: ${presets[*]}"
join_tests
ctest --test-dir build/all --parallel "$jobs" --output-on-failure --no-tests=error ||
  fail "Tests failed; ctest lists them above, each as PRESET/TEST. One again: ctest --test-dir build/all --output-on-failure -R NAME"
