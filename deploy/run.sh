#!/usr/bin/env bash
# Installs what building takes, builds Headgate and starts it in the foreground. Its arguments go to `headgate serve`:
#
#   deploy/run.sh
#   deploy/run.sh --set listeners.tcp.port=1884
#   deploy/run.sh -j 1 …    compiles one file at a time (otherwise one a core)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
script=deploy/run.sh
# shellcheck source=deploy/common.sh
source deploy/common.sh

jobs=$(nproc)
if [[ ${1:-} == -j ]]; then
  jobs=${2:-}
  [[ $jobs =~ ^[1-9][0-9]*$ ]] || fail "-j wants a number, as in: deploy/run.sh -j 1"
  shift 2
fi

# Where clients will find it.
host=127.0.0.1 port=1883
for argument in "$@"; do
  case $argument in
    *listeners.tcp.port=*) port=${argument##*listeners.tcp.port=} ;;
    *listeners.tcp.bind=*) host=${argument##*listeners.tcp.bind=} ;;
  esac
done
if [[ $host == 0.0.0.0 || $host == :: ]]; then host=127.0.0.1; fi

# Asked before the build, so that nobody waits for it in vain, and again after it.
need_port() {
  [[ $port =~ ^[1-9][0-9]*$ ]] || return 0
  if (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then
    fail "Something listens on $host:$port already. Stop it, or take another port: deploy/run.sh --set listeners.tcp.port=$((port + 1))"
  fi
}

need_port
deploy/build.sh -j "$jobs"

need_port
say "Starting headgate serve; Ctrl-C stops it"
if [[ ! $port =~ ^[1-9][0-9]*$ ]]; then
  printf 'Connect to an address that it names below. To try it, in two other terminals, with its port:\n\n'
  port=PORT
else
  printf 'Connect MQTT clients (3.1.1 or 5) to %s, port %s. To try it, in two other terminals:\n\n' "$host" "$port"
fi
printf '  mosquitto_sub -h %s -p %s -t "rooms/+/temperature" -v\n' "$host" "$port"
printf '  mosquitto_pub -h %s -p %s -t rooms/kitchen/temperature -m 21.5 -q 1\n\n' "$host" "$port"
if ! command -v mosquitto_pub >/dev/null; then
  printf 'Both come with the Debian package mosquitto-clients.\n\n'
fi
exec build/release/bin/headgate serve "$@"
