# shellcheck shell=bash
# Sourced by the scripts, which set $script to their own name: what they say, and the checks that end in a sentence.

: "${script:?}"

say() { printf '\n==> %s\n' "$*"; }

fail() {
  printf '\n%s: %s\n' "$script" "$*" >&2
  exit 1
}

# need_space DIRECTORY MEGABYTES
need_space() {
  local free
  free=$(df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4 }') || true
  [[ $free =~ ^[0-9]+$ ]] || return 0 # where df knows nothing, as in some containers
  if ((free < $2)); then
    fail "The disk that holds $1 has $free MB left; this takes $2 MB. Make room, then run it again."
  fi
}

need_toolchain() {
  local compiler=${CXX:-c++} version
  command -v cmake >/dev/null || fail "There is no cmake. deploy/packages.sh names what building takes."
  command -v ninja >/dev/null || fail "There is no ninja. deploy/packages.sh names what building takes."
  command -v "${compiler%% *}" >/dev/null || fail "There is no C++ compiler called $compiler. deploy/packages.sh names what building takes."
  version=$(cmake --version | awk 'NR == 1 { print $3 }')
  if [[ $(printf '%s\n' 3.25 "$version" | sort --version-sort | head -n 1) != 3.25 ]]; then
    fail "CMake is $version; 3.25 or later is needed. Debian 12 has it."
  fi
  # shellcheck disable=SC2086  # CXX may hold options
  if ! printf '#include <span>\n#if __cplusplus < 202002L\n#error old\n#endif\n' | $compiler -std=c++20 -fsyntax-only -x c++ - 2>/dev/null; then
    fail "$compiler does not know C++20 ($($compiler --version | head -n 1)). GCC 12, as in Debian 12, does; name another with CXX=…"
  fi
}

# configure PRESET OPTION...
configure() {
  local preset=$1
  shift
  cmake --preset "$preset" "$@" ||
    fail "CMake could not configure the preset $preset, and says why above. If the tree was moved or the compiler changed: rm -r build/$preset, then run this again."
}

# build PRESET JOBS TARGET...: builds all when no target is named.
build() {
  local preset=$1 jobs=$2
  shift 2
  local targets=()
  if (($#)); then targets=(--target "$@"); fi
  if ! NINJA_STATUS="[$preset %f/%t, %es] " cmake --build --preset "$preset" --parallel "$jobs" "${targets[@]}"; then
    need_space "build/$preset" 100
    fail "The preset $preset does not build; the first error stands above. If the compiler was killed, memory is short: try with -j 1."
  fi
}
