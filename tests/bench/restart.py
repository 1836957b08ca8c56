#!/usr/bin/env python3
"""How long a server with 10 GB of log and 1,000,000 sessions takes from exec until /readyz answers 200, after SIGTERM and after
SIGKILL, with what it reads in the system's cache (a process that died) and on the device alone (a machine that did).

A publisher at QoS 1 and sessions that come and go are at work whenever it is ended. Bar: each start within 5 s.
"""

import argparse
import contextlib
import os
import pathlib
import signal
import statistics
import sys
import threading
import time

sys.dont_write_bytecode = True  # the sources stay clean
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import offline
import servers
import stored
from servers import BenchError

READY_BAR_S = 5.0
END_SECONDS = 60
TOPICS = 100
PAYLOAD = 16 * 1024
# So many sessions come and go before the server is ended: the store then has writes that no table holds yet.
COME_AND_GO = 4000
SESSION_BYTES = 250  # on the disk, at most, tables that are being merged included
KINDS = [(how, is_cold) for is_cold in (False, True) for how in (signal.SIGTERM, signal.SIGKILL)]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=10 * 10**9, help="of payload in the log (10 GB)")
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="of each of the four kinds of start (3)")
    parser.add_argument("--directory", help="for the data, on the disk that is meant (that of temporary files)")
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--quick", action="store_true", help="little of everything, which judges nothing")
    chosen = parser.parse_args()
    chosen.build_dir = chosen.build_dir.resolve()
    if chosen.quick:
        chosen.bytes, chosen.sessions, chosen.runs = 20 * 10**6, 2000, 1
    return chosen


class Publisher(threading.Thread):
    """Publishes until the server is gone."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port

    def run(self):
        with contextlib.suppress(OSError, BenchError):
            while True:
                offline.publish(self.port, offline.WINDOW)


def topic_of(number):
    return f"room/{number}/state"


class Restarts:
    def __init__(self, chosen, path):
        self.chosen, self.path = chosen, path
        self.begun = 0
        self.found = {kind: [] for kind in KINDS}

    @contextlib.contextmanager
    def server(self):
        """A server on the directory, with what its start took."""
        began = time.monotonic()
        with servers.running("headgate", self.chosen.build_dir, settings=stored.settings_of(self.path)) as server:
            stored.wait_until_ready(server)
            took = time.monotonic() - began
            memory, most = stored.memory_of(server.process.pid)
            yield server, {"took_s": took, "cpu_s": stored.cpu_s(server.process.pid), "memory": memory, "most": most,
                           "load": os.getloadavg()[0]}

    def fill(self, server):
        began = time.monotonic()
        stored.fill_log(self.chosen.build_dir, server, self.chosen.bytes, TOPICS, "backlog/%4c", PAYLOAD)
        print(f"{stored.log_bytes(self.path) / 1e9:.2f} GB of log in {time.monotonic() - began:.0f} s", flush=True)
        began = time.monotonic()
        offline.leave_sessions(server.port, range(self.chosen.sessions), topic_of)
        print(f"{self.chosen.sessions:,} sessions in {time.monotonic() - began:.0f} s", flush=True)

    def work(self, server):
        publisher = Publisher(server.port)
        publisher.start()
        some = min(COME_AND_GO, self.chosen.sessions)
        first = self.begun % max(self.chosen.sessions - some, 1)
        offline.leave_sessions(server.port, range(first, first + some), topic_of)
        self.begun += some

    def end(self, server, kind):
        how, is_cold = kind
        took = server.end_by(how, END_SECONDS)
        if is_cold:
            stored.put_out_of_cache(self.path)
        return took

    def run(self):
        kinds = KINDS * self.chosen.runs
        previous = None
        for kind in [*kinds, None]:
            with self.server() as (server, start):
                if previous is None:
                    self.fill(server)
                else:
                    self.note(previous, ended_in, start, server)
                if kind is None:
                    break
                self.work(server)
                ended_in = self.end(server, kind)
            previous = kind
        return self.found

    def note(self, kind, ended_in, start, server):
        kept = server.stats()["sessions_kept"]
        self.found[kind].append(start)
        print(f"{title(kind)}: ended in {ended_in:.2f} s, ready after {start['took_s']:.2f} s, {start['cpu_s']:.2f} s of CPU, "
              f"{start['memory'] / 1e6:.1f} MB anonymous ({start['most'] / 1e6:.1f} MB at most, files included), "
              f"{kept:,} sessions, {stored.log_bytes(self.path) / 1e9:.2f} GB of log; load {start['load']:.1f}", flush=True)


def title(kind):
    how, is_cold = kind
    return f"after {how.name}, {'cold' if is_cold else 'warm'}"


def judge(found):
    missed = []
    print("\n| start | seconds | CPU | anonymous memory |\n|---|---|---|---|")
    for kind, starts in found.items():
        took = [start["took_s"] for start in starts]
        cpu = [start["cpu_s"] for start in starts]
        memory = [start["memory"] / 1e6 for start in starts]
        print(f"| {title(kind)} | {statistics.median(took):.2f} ({min(took):.2f}–{max(took):.2f}), {max(took) / READY_BAR_S:.2f} of the bar at "
              f"most | {statistics.median(cpu):.2f} s | {statistics.median(memory):.1f} MB ({min(memory):.1f}–{max(memory):.1f}) |")
        if max(took) > READY_BAR_S:
            missed.append(f"{title(kind)}: ready after {max(took):.2f} s, bar {READY_BAR_S:g} s")
    return missed


def main():
    chosen = parse_arguments()
    # So that the server is ended and the directory removed on the way out, whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    needed = chosen.bytes * 11 // 10 + chosen.sessions * SESSION_BYTES
    try:
        with stored.directory(chosen.directory, needed) as path:
            found = Restarts(chosen, path).run()
    except BenchError as error:
        print(f"restart.py: {error}", file=sys.stderr)
        return 1
    missed = judge(found)
    if chosen.quick:
        print("Everything ran.")
        return 0
    for sentence in missed:
        print(f"missed: {sentence}")
    if not missed:
        print("Every bar is held.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
