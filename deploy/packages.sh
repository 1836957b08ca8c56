#!/usr/bin/env bash
# The Debian packages that Headgate needs, and their installation:
#
#   deploy/packages.sh build         what building takes
#   deploy/packages.sh build test    what the tests take besides
#   deploy/packages.sh build tidy    what clang-tidy takes besides, which only `tests/run.sh tidy` runs
#
# Installs what is missing with apt-get when it may (as root, or with a sudo that asks for no password); otherwise prints the
# one line to run and exits with 1. When nothing is missing it touches neither apt nor the network.
# HEADGATE_PACKAGES=skip: install nothing and ask for nothing, for systems without apt-get that have all of this already.
set -euo pipefail
script=deploy/packages.sh
# shellcheck source=deploy/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build_packages=(
  g++                   # the compiler
  cmake                 # describes the build
  ninja-build           # runs it
  ccache                # a second build of the same source costs nothing
  mold                  # links in a second what takes others many
  pkg-config            # by which CMake finds some of the libraries
  libcli11-dev          # the command line
  libxxhash-dev         # the hash of topics and slots
  libyaml-cpp-dev       # the configuration file
  libboost1.81-dev      # Asio and Beast: the admin listener
  libboost-json1.81-dev # what it answers
  prometheus-cpp-dev    # its metrics as text
  librocksdb-dev        # the sessions on the disk
  libssl-dev            # TLS, and the hashes of passwords
  libisal-dev           # the CRC-32C of the log
  libsystemd-dev        # tells the service manager that the server is ready
)
test_packages=(
  libgtest-dev       # the unit tests
  libgmock-dev       # their matchers
  libbenchmark-dev   # the micro-benchmarks
  clang              # compiles the fuzzers
  libclang-rt-dev    # libFuzzer, and the sanitizers of clang
  clang-format       # the layout of the sources
  mosquitto          # the broker that the benchmarks measure against
  mosquitto-clients  # mosquitto_pub and mosquitto_sub, independent clients of the system tests
  python3-paho-mqtt  # another of them, in Python
  libpaho-mqtt-dev   # another, in C
  libmbedtls-dev     # the TLS of small devices, which a client of the system tests speaks
  openssl            # makes the certificates of the tests
  iproute2           # network namespaces, from which the system tests look at a server
  nlohmann-json3-dev # what the program speaks that drives it
  python3            # the tests of the repository's structure, and system tests
  python3-yaml       # reads what is documented in YAML, such as the API
  prometheus         # scrapes the metrics; promtool checks them, and the alert rules
)
# Node and npm come from elsewhere on many machines, in one package; Debian's are wanted only where there is no such command.
command -v node >/dev/null || test_packages+=(nodejs) # runs MQTT.js, the fourth of the independent clients
command -v npm >/dev/null || test_packages+=(npm)     # installs it, see tests/system/peers/install.sh
tidy_packages=(
  libgtest-dev     # sources of tests are read with their headers
  libgmock-dev     # likewise
  libbenchmark-dev # likewise
  clang            # the compiler whose view of the sources it takes
  libclang-rt-dev  # which CMake tries when it configures with clang
  clang-tidy       # the rules for names and usual mistakes
  python3          # CMake looks for it
)

packages=()
for group in "$@"; do
  case $group in
    build) packages+=("${build_packages[@]}") ;;
    test) packages+=("${test_packages[@]}") ;;
    tidy) packages+=("${tidy_packages[@]}") ;;
    *) fail "'$group' is no group of packages. The groups are build, test and tidy." ;;
  esac
done
((${#packages[@]})) || fail "Say which packages: deploy/packages.sh build, or deploy/packages.sh build test."

if [[ ${HEADGATE_PACKAGES:-} == skip ]]; then
  exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  fail "This system has no apt-get. Install what corresponds to these packages of Debian 12, then run this again with
HEADGATE_PACKAGES=skip in the environment: ${packages[*]}"
fi

installed() { [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

missing=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

say "Installing what is missing: ${missing[*]}"

if ((EUID == 0)); then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  prefix=""
  if command -v sudo >/dev/null; then prefix="sudo "; fi
  printf 'This needs %s. Run this line, then the script again:\n\n  %s\n\n' \
    "$([[ -n $prefix ]] && echo 'a password' || echo 'root')" \
    "${prefix}apt-get update && ${prefix}apt-get install --yes --no-install-recommends ${missing[*]}" >&2
  for service in mosquitto prometheus; do
    if [[ " ${missing[*]} " == *" $service "* ]]; then
      printf 'The package %s starts a server, which the tests do not use. To stop it for good:\n\n  %s\n\n' \
        "$service" "${prefix}systemctl disable --now $service" >&2
    fi
  done
  exit 1
fi

# Debian starts a service when its package is installed. The tests start servers of their own, on free ports, so one that came
# with them neither runs nor starts at boot. One that was there before is left alone.
systemd_runs() { [[ -d /run/systemd/system ]] && command -v systemctl >/dev/null; }
brought_services() {
  local service
  for service in mosquitto prometheus; do
    if [[ " ${missing[*]} " == *" $service "* ]]; then printf '%s\n' "$service"; fi
  done
}
hold_services_back() {
  local service
  for service in $(brought_services); do
    if systemd_runs; then "${as_root[@]}" systemctl --quiet mask --runtime "$service.service" || true; fi
  done
}
switch_services_off() {
  local service
  for service in $(brought_services); do
    if systemd_runs; then
      "${as_root[@]}" systemctl --quiet unmask --runtime "$service.service" || true
      "${as_root[@]}" systemctl --quiet disable "$service.service" || true
    elif [[ -x /etc/init.d/$service ]]; then
      "${as_root[@]}" "/etc/init.d/$service" stop >/dev/null || true
      "${as_root[@]}" update-rc.d "$service" disable >/dev/null || true
    fi
  done
}

# Standard output goes to the terminal or the log as it comes; apt-get never asks, and waits for another apt-get to finish.
apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --option DPkg::Lock::Timeout=300 "$@" </dev/null
}

apt_get update || fail "apt-get update failed, as it says above. Is there a network, and does /etc/apt/sources.list name a Debian archive?"
trap switch_services_off EXIT
hold_services_back
if ! apt_get install --yes --no-install-recommends "${missing[@]}"; then
  need_space / 1000
  fail "apt-get could not install: ${missing[*]}
It says why above. Without a network, or with another release than Debian 12, install them by hand; then run this again."
fi
for service in $(brought_services); do
  printf 'The service %s is left stopped and does not start at boot: the tests start their own.\n' "$service"
done
