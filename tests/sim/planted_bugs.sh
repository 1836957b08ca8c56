#!/usr/bin/env bash
# Whether the simulation finds what it is for: each patch in tests/sim/bugs plants one mistake in a copy of the tree, and
# seeds run there until one fails; those named dying_* in a process that dies (sim --kills).
#
#   tests/sim/planted_bugs.sh              all, or those named: tests/sim/planted_bugs.sh window qos2
#   tests/sim/planted_bugs.sh --check      only whether every patch still applies
#
# Exit status 1: one was not found within 2,000 seeds, or no longer applies.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bugs=$root/tests/sim/bugs
seeds=2000
status=0

check() {
  local patch
  for patch in "$bugs"/*.patch; do
    if ! (cd "$root" && git apply --check "$patch"); then
      printf '%s no longer applies\n' "$(basename "$patch")"
      status=1
    fi
  done
}

find_bug() {
  local name=$1 copy=$root/build/planted/tree build=$root/build/planted/build output
  if ! git -C "$copy" apply "$bugs/$name.patch"; then
    printf '%-14s no longer applies\n' "$name"
    return 1
  fi
  if ! cmake --build "$build" --target sim -j "$(nproc)" >"$root/build/planted/$name.log" 2>&1; then
    printf '%-14s does not build: build/planted/%s.log\n' "$name" "$name"
    git -C "$copy" apply -R "$bugs/$name.patch"
    return 1
  fi
  local mode=()
  if [[ $name == dying_* ]]; then mode=(--kills); fi
  output=$(timeout 600 "$build/bin/sim" "${mode[@]}" --seeds "1:$seeds" 2>&1)
  local found=$?
  git -C "$copy" apply -R "$bugs/$name.patch"
  if ((found == 0 || found == 124)); then
    printf '%-14s NOT FOUND: %s\n' "$name" "$(tail -n 1 <<<"$output")"
    return 1
  fi
  printf '%-14s %s\n' "$name" "$(grep -m 1 '^sim: seed' <<<"$output")"
}

check
if [[ ${1:-} == --check || $status -ne 0 ]]; then
  exit "$status"
fi

# A repository of its own, so that patches apply to the copy alone; only files that the repository holds.
copy=$root/build/planted/tree
rm -rf "$copy"
mkdir -p "$copy"
git -C "$root" ls-files -z | (cd "$root" && xargs -0 cp --parents -t "$copy")
git -C "$copy" init --quiet
cmake -S "$copy" -B "$root/build/planted/build" -G Ninja -DHEADGATE_TESTS=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1" >"$root/build/planted/configure.log" || exit 1

names=("$@")
if ((${#names[@]} == 0)); then
  for patch in "$bugs"/*.patch; do names+=("$(basename "$patch" .patch)"); done
fi
for name in "${names[@]}"; do
  find_bug "$name" || status=1
done
exit "$status"
