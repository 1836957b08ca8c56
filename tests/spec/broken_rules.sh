#!/usr/bin/env bash
# Whether the tests of the standards' statements notice when a statement does not hold: each patch in tests/spec/broken breaks
# one rule in a copy of the tree, and the tests that carry its number run there until one fails. Its name says which: a patch
# 5_0_3.3.1-7 breaks [MQTT-3.3.1-7] of MQTT 5.0. README.md says how the rows were drawn.
#
#   tests/spec/broken_rules.sh              all, or those named: tests/spec/broken_rules.sh 5_0_3.3.1-7 3_1_1_4.6.0-1
#   tests/spec/broken_rules.sh --check      only whether every patch still applies, and breaks a row that is tested
#
# Exit status 1: a test fails on the tree as it is, a broken rule was not noticed, or a patch no longer applies. What the tests
# said is in build/broken/NAME.log.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
patches=$root/tests/spec/broken
work=$root/build/broken
copy=$work/tree
build=$work/build
narrow="workers=1"
wide="workers=3 clusters.a.shards=2 clusters.b.shards=2 clusters.c.shards=2"
status=0

version_of() { [[ $1 == 3_1_1_* ]] && echo 3.1.1 || echo 5.0; }
number_of() { echo "MQTT-${1##*_}"; }
tests_of() { python3 -B "$root/tests/spec/table.py" --tests "$(version_of "$1")" "$(number_of "$1")"; }

check() {
  local patch name
  for patch in "$patches"/*.patch; do
    name=$(basename "$patch" .patch)
    if ! (cd "$root" && git apply --check "$patch"); then
      printf '%s no longer applies\n' "$name"
      status=1
    fi
    tests_of "$name" >/dev/null || status=1
  done
}

# Runs one test, named as the table has it. A rule that does not hold often shows only as something that never comes: the
# deadline is short.
run_test() {
  local settings=$1 file=$2 name=$3
  if [[ $file == *.cpp ]]; then
    timeout 300 "$build/bin/spec_test" --gtest_filter="$name"
  else
    HEADGATE_BINARIES=$build/bin HEADGATE_TEST_SETTINGS=$settings HEADGATE_TEST_DEADLINE_S=6 \
      timeout 300 python3 -B "$copy/tests/spec/$file" -k "*.$name"
  fi
}

build_for() {
  local targets=(headgate)
  if grep -q '\.cpp ' <<<"$1"; then targets+=(spec_test); fi
  cmake --build "$build" --target "${targets[@]}" -j "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"
}

# The first test that fails, in the narrow server and then in the wide one; nothing if none does.
first_failure() {
  local settings file name
  for settings in "$narrow" "$wide"; do
    while read -r file name; do
      if ! run_test "$settings" "$file" "$name" </dev/null >>"$2" 2>&1; then
        echo "$file $name"
        return
      fi
    done <<<"$1"
  done
}

break_rule() {
  local name=$1 log=$work/$1.log row tests failed
  row=$(printf '%-5s %-14s' "$(version_of "$name")" "$(number_of "$name")")
  tests=$(tests_of "$name")
  if ! git -C "$copy" apply "$patches/$name.patch"; then
    printf '%s  its patch no longer applies\n' "$row"
    return 1
  fi
  if ! build_for "$tests" >"$log" 2>&1; then
    failed="does not build"
  elif ! run_test "$narrow" mqtt5_3_12_pingreq_test.py 'test_*' >>"$log" 2>&1; then
    failed="breaks more than its rule"  # a server that serves nobody would prove nothing
  else
    failed=$(first_failure "$tests" "$log")
    [[ -n $failed ]] && failed="noticed by $failed" || failed="NOT NOTICED"
  fi
  git -C "$copy" apply -R "$patches/$name.patch"
  printf '%s  %s\n' "$row" "$failed"
  [[ $failed == noticed* ]]
}

check
if [[ ${1:-} == --check || $status -ne 0 ]]; then
  exit "$status"
fi

# A repository of its own, so that patches apply to the copy alone; only files that the repository holds.
rm -rf "$copy"
mkdir -p "$copy"
git -C "$root" ls-files -z | (cd "$root" && xargs -0 cp --parents -t "$copy")
git -C "$copy" init --quiet
cmake -S "$copy" -B "$build" -G Ninja -DHEADGATE_TESTS=ON -DCMAKE_BUILD_TYPE=Debug \
  "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g0" "-DCMAKE_C_FLAGS_DEBUG=-O0 -g0" >"$work/configure.log" || exit 1

names=("$@")
if ((${#names[@]} == 0)); then
  for patch in "$patches"/*.patch; do names+=("$(basename "$patch" .patch)"); done
fi

all_tests=$(for name in "${names[@]}"; do tests_of "$name"; done | sort -u)
if ! build_for "$all_tests" >"$work/unbroken.log" 2>&1; then
  echo "the tree does not build: build/broken/unbroken.log"
  exit 1
fi
failed=$(first_failure "$all_tests" "$work/unbroken.log")
if [[ -n $failed ]]; then
  echo "fails with no rule broken: $failed; build/broken/unbroken.log"
  exit 1
fi
echo "as it is: all $(wc -l <<<"$all_tests") tests pass"

for name in "${names[@]}"; do
  break_rule "$name" || status=1
done
exit "$status"
