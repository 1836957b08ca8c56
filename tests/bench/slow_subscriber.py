#!/usr/bin/env python3
"""A subscriber at QoS 1 that reads a tenth of what is published for a minute, until 1 GB waits for it, and then as fast as it can.

Everything has to come, once and in order, and the server's anonymous memory has to stay flat: what waits for the subscriber stands
in the log, but for the newest of it, up to 64 MiB a worker. Bars: nothing lost, repeated or out of order; at no time more than 192 MiB;
and from the middle of that minute to its end no more than 1 % of what came to wait meanwhile.
"""

import argparse
import os
import pathlib
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True  # the sources stay clean
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import generator
import offline
import servers
import stored
import wire
from readers import Readers
from servers import BenchError

TOPIC = "slow/0000"
PAYLOAD = 8 * 1024
SLOWNESS = 10
# The worker's tail (64 MiB), the parts of the log that are in memory (24 MiB), and what an allocator keeps beside them.
MOST_BAR = 192 << 20
LATE_GROWTH_BAR = 0.01  # of what comes to wait in the second half of the slow time
WARM_BYTES = 200 * 10**6
SAMPLE_S = 0.25
END_SECONDS = 120


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=10**9, help="that wait for the subscriber in the end (1 GB)")
    parser.add_argument("--seconds", type=float, default=60, help="for which it is too slow (60)")
    parser.add_argument("--directory", help="for the data, on the disk that is meant (that of temporary files)")
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--quick", action="store_true", help="3 s and 20 MB; judges only what comes, and in which order")
    chosen = parser.parse_args()
    chosen.build_dir = chosen.build_dir.resolve()
    chosen.warm_bytes = WARM_BYTES
    if chosen.quick:
        chosen.bytes, chosen.seconds, chosen.warm_bytes = 20 * 10**6, 3, 5 * 10**6
    return chosen


class MemoryWatch(threading.Thread):
    """The server's anonymous memory, again and again: pairs of the time and bytes."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.samples, self.stopped = pid, [], threading.Event()
        self.start()

    def run(self):
        while not self.stopped.wait(SAMPLE_S):
            self.samples.append((time.monotonic(), stored.memory_of(self.pid)[0]))

    def most(self, first, last):
        """The most in that time."""
        return max((size for at, size in self.samples if first <= at <= last), default=0)


class Measurement:
    def __init__(self, chosen, server):
        self.chosen, self.server = chosen, server

    def publish(self, arguments):
        command = ["pub", "--clients", "1", "--topic", TOPIC, "--qos", "1", "--size", str(PAYLOAD), "--warm-up", "0", "--keep-alive", "0"]
        result, failure = generator.run(self.chosen.build_dir, self.server, [*command, *arguments])
        if failure:
            raise BenchError(f"the publisher: {failure}")
        return result

    def published(self):
        return self.server.stats()["publishes_in_qos1"]

    def leave_session(self):
        with offline.connect(self.server.port) as connection:
            connection.sendall(wire.connect("slow-0000", clean=False) + wire.subscribe(1, [(TOPIC, 1)]))
            if offline.receive(connection, 9)[-1] != 1:
                raise BenchError("the subscription was refused")
            connection.sendall(wire.goodbye())
            connection.recv(1)

    def wait_for(self, readers, messages):
        """The counts when so many messages have come, or when nothing more does."""
        began = time.monotonic()
        while (counts := readers.counts())["messages"] < messages:
            if time.monotonic() > began + END_SECONDS:
                break
            time.sleep(0.02)
        return counts

    def run(self):
        self.leave_session()
        rate = self.chosen.bytes / self.chosen.seconds * SLOWNESS / (SLOWNESS - 1)  # bytes a second
        pid = self.server.process.pid
        with Readers(self.server.port, "slow-", 1) as readers:
            self.publish(["--window", "50", "--messages", str(self.chosen.warm_bytes // PAYLOAD), "--duration", "60"])
            self.wait_for(readers, self.published())
            base, _ = stored.memory_of(pid)
            watch = MemoryWatch(pid)
            slow = readers.counts()
            readers.set_rate(rate / SLOWNESS)
            began = time.monotonic()
            self.publish(["--rate", str(rate / PAYLOAD), "--duration", str(self.chosen.seconds)])
            published = self.published()
            fast = readers.counts()
            readers.set_rate(0)
            ended = time.monotonic()
            behind = published - fast["messages"]
            self.wait_for(readers, published)
            caught_up = time.monotonic()
            time.sleep(2 * SAMPLE_S)  # anything that comes twice has come
            done = readers.counts()
            watch.stopped.set()
            watch.join()
        middle = (began + ended) / 2
        return {"published": published, "behind": behind * PAYLOAD, "counts": done,
                "slow_rate": (fast["bytes"] - slow["bytes"]) / (ended - began), "rate": rate, "catch_up_s": caught_up - ended,
                "base": base, "middle": watch.most(middle - 2, middle + 2), "end": watch.most(ended - 2, ended),
                "most": watch.most(began, caught_up), "after": watch.samples[-1][1]}


def judge(found, wanted, is_judged):
    counts = found["counts"]
    late = (found["end"] - found["middle"]) / (found["behind"] / 2)
    print(f"published {found['rate'] / 1e6:.1f} MB/s, read {found['slow_rate'] / 1e6:.2f} MB/s, {found['rate'] / found['slow_rate']:.1f} times "
          f"slower: {found['behind'] / 1e6:,.0f} MB behind in the end; then all of it in {found['catch_up_s']:.1f} s, "
          f"{found['behind'] / max(found['catch_up_s'], 0.001) / 1e6:,.0f} MB/s")
    print(f"{counts['messages']:,} of {found['published']:,} messages came, {counts['again']} again, {counts['passed_over']} times not the next one")
    print(f"anonymous memory: {found['base'] / 1e6:.1f} MB before, {found['middle'] / 1e6:.1f} in the middle, {found['end'] / 1e6:.1f} at the end of "
          f"the slow time, {found['most'] / 1e6:.1f} at most, {found['after'] / 1e6:.1f} afterwards: {found['most'] / MOST_BAR:.2f} of the bar of "
          f"{MOST_BAR / 1e6:.0f} MB; from the middle to the end {late:.4f} of what came to wait (bar {LATE_GROWTH_BAR:g}); load "
          f"{os.getloadavg()[0]:.1f}")
    missed = []
    if counts["messages"] - counts["again"] != found["published"] or counts["passed_over"]:
        missed.append(f"{found['published'] - counts['messages'] + counts['again']} messages did not come, {counts['passed_over']} times it was not "
                      "the next one that came")
    if counts["again"]:
        missed.append(f"{counts['again']} messages came again, or after a later one")
    if not is_judged:
        return missed
    if found["behind"] < 0.98 * wanted:
        missed.append(f"only {found['behind']:,} B waited in the end: it was not slow enough")
    if found["most"] > MOST_BAR:
        missed.append(f"the server had {found['most']:,} B, bar {MOST_BAR:,}")
    if late > LATE_GROWTH_BAR:
        missed.append(f"memory grew by {late:.4f} of what came to wait from the middle of the slow time to its end, bar {LATE_GROWTH_BAR:g}")
    return missed


def main():
    chosen = parse_arguments()
    # So that the server is ended and the directory removed on the way out, whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with stored.directory(chosen.directory, chosen.bytes * 2) as path:
            with servers.running("headgate", chosen.build_dir, settings=stored.settings_of(path)) as server:
                found = Measurement(chosen, server).run()
    except BenchError as error:
        print(f"slow_subscriber.py: {error}", file=sys.stderr)
        return 1
    missed = judge(found, chosen.bytes, not chosen.quick)
    for sentence in missed:
        print(f"missed: {sentence}")
    if not missed:
        print("Everything came, in order." if chosen.quick else "Every bar is held.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
