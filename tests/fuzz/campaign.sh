#!/usr/bin/env bash
# A long run of the fuzzers, each by itself, with a table at the end. Status 1 when one of them found something.
#
#   tests/fuzz/campaign.sh                                    all, an hour each
#   tests/fuzz/campaign.sh -s 600 -j 2 conversations framing  those named, ten minutes each, two at a time
#
# The programs are those of build/fuzz (cmake --preset fuzz && cmake --build --preset fuzz). What they learn is kept in
# build/fuzz/campaign/NAME, so that the next campaign goes on there; findings are written beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build/fuzz
campaign=$build/campaign
seconds=3600
jobs=1
while getopts s:j: option; do
  case $option in
    s) seconds=$OPTARG ;;
    j) jobs=$OPTARG ;;
    *) sed -n '2,8s/^# \?//p' "$0" >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))

known=()
for options in "$build"/corpus/*.options; do known+=("$(basename "$options" .options)"); done
targets=("$@")
[ $# -gt 0 ] || targets=("${known[@]}")
for target in "${targets[@]}"; do
  if [ ! -x "$build/bin/$target" ] || [ ! -f "$build/corpus/$target.options" ]; then
    echo "there is no $build/bin/$target: cmake --preset fuzz && cmake --build --preset fuzz --target $target" >&2
    exit 2
  fi
done

# run TARGET: what it prints goes to a file, how it ended to another. A program that hangs is killed.
run() {
  local options status=0
  mkdir -p "$campaign/$1" "$campaign/found"
  # What the last campaign found is kept until somebody takes it away.
  find "$campaign" -maxdepth 1 -name "$1.*-*" -exec mv -t "$campaign/found" {} +
  read -r -a options <"$build/corpus/$1.options" || true
  timeout --kill-after=10 $((seconds + 300)) setarch --addr-no-randomize "$build/bin/$1" -max_len=4096 "${options[@]}" \
    -max_total_time="$seconds" -timeout=60 -print_final_stats=1 -artifact_prefix="$campaign/$1." \
    "$campaign/$1" "tests/fuzz/corpus/$1" >"$campaign/$1.log" 2>&1 || status=$?
  echo "$status" >"$campaign/$1.status"
}

mkdir -p "$campaign"
running=0
for target in "${targets[@]}"; do
  if [ "$running" -ge "$jobs" ]; then
    wait -n
    running=$((running - 1))
  fi
  run "$target" &
  running=$((running + 1))
done
wait

# last NAME PATTERN: what stands behind the last match.
last() { grep -oE "$2 *[0-9]+" "$campaign/$1.log" | tail -1 | grep -oE '[0-9]+$' || echo '?'; }

failed=0
printf '%-16s %12s %8s %8s %7s  %s\n' target executions exec/s coverage corpus findings
for target in "${targets[@]}"; do
  found=()
  for finding in "$campaign/$target".crash-* "$campaign/$target".leak-* "$campaign/$target".oom-* \
    "$campaign/$target".timeout-*; do
    [ -e "$finding" ] && found+=("$finding")
  done
  status=$(cat "$campaign/$target.status")
  verdict=none
  [ "$status" -eq 0 ] || verdict="ended with $status, see $campaign/$target.log"
  [ ${#found[@]} -eq 0 ] || verdict="${found[*]}"
  [ "$verdict" = none ] || failed=1
  printf '%-16s %12s %8s %8s %7s  %s\n' "$target" "$(last "$target" 'number_of_executed_units:')" \
    "$(last "$target" 'average_exec_per_sec:')" "$(last "$target" 'cov:')" \
    "$(find "$campaign/$target" -type f | wc -l)" "$verdict"
done
exit $failed
