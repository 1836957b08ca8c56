#!/usr/bin/env python3
"""What 100 persistent sessions that read a log of 10 GB cost those who publish and subscribe meanwhile, and how fast they read.

Reading: each session has a topic of its own, so that together they read the whole log once, from the device, against plain `pread`
of the same segments from the device by the same processor. Then the sessions have all of it to read (`backlog/#`), from the system's
cache, while 50 pairs publish to other topics: their p99 while the sessions read as fast as they get, and the server's CPU for a
message while they read at a rate, less what the same reading costs alone. Bars: 0.60 of `pread`, 2 times p99, 1.1 times the CPU.
"""

import argparse
import contextlib
import os
import pathlib
import resource
import signal
import statistics
import sys
import time

sys.dont_write_bytecode = True  # the sources stay clean
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import generator
import offline
import report
import servers
import stored
import wire
from readers import Readers
from servers import BenchError
from used_memory import used_memory

SESSIONS = 100
PAYLOAD = 16 * 1024
READ_SHARE_BAR = 0.60
P99_RATIO_BAR = 2.0
CPU_RATIO_BAR = 1.1
SWEEP_SECONDS = 300
# What the sessions read together, where the same reading is to be had with and without publishers: bytes a second.
STEADY_BYTES_PER_S = 200e6
LIVE = ["latency", "--qos", "1", "--topic", "live/%4c", "--keep-alive", "0"]
LATENCY_RATE = 5000
CPU_RATE = 20_000  # more of a message's cost is its work then, and less the server's wake-up


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=10 * 10**9, help="of payload in the log (10 GB)")
    parser.add_argument("--runs", type=int, default=3, help="of everything, in turns (3)")
    parser.add_argument("--seconds", type=float, default=10, help="of a phase with publishers (10)")
    parser.add_argument("--directory", help="for the data, on the disk that is meant (that of temporary files)")
    parser.add_argument("--realtime", action="store_true",
                        help="what is measured goes before all else (SCHED_RR, as root): where the machine has other work to do")
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--quick", action="store_true", help="little of everything; judges only that nothing is lost")
    chosen = parser.parse_args()
    chosen.build_dir = chosen.build_dir.resolve()
    chosen.clients = 50
    if chosen.quick:
        chosen.bytes, chosen.runs, chosen.seconds, chosen.clients = 50 * 10**6, 1, 1, 5
    return chosen


def read_plainly(path):
    """Bytes a second of `pread`, segment after segment."""
    buffer, size, began = bytearray(stored.PIECE_BYTES), 0, time.monotonic()
    for file in stored.segments_of(path):
        descriptor, at = os.open(file, os.O_RDONLY), 0
        while got := os.preadv(descriptor, [buffer], at):
            at += got
        os.close(descriptor)
        size += at
    return size / (time.monotonic() - began)


def from_device(pid):
    """Bytes that a process has had from the device."""
    for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines():
        if line.startswith("read_bytes:"):
            return int(line.split()[1])
    return 0


@contextlib.contextmanager
def on(cpus):
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus or before)
    yield
    os.sched_setaffinity(0, before)


@contextlib.contextmanager
def at_once(is_wanted):
    """What this process does and starts meanwhile goes before all that has no such policy."""
    if is_wanted:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    try:
        yield
    finally:
        if is_wanted:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def put_first(pid):
    """Before all that has no such policy. Not while a log is filled or read from the device: the system's threads that do that have
    none, and of threads that have it the worker keeps the log thread waiting for a tenth of a second."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))


class Measurement:
    def __init__(self, chosen, server, path, cpus):
        self.chosen, self.server, self.path = chosen, server, path
        self.server_cpus, self.client_cpus = cpus
        self.faults = []

    def subscribe(self, name, topic_of):
        for number in range(SESSIONS):
            with offline.connect(self.server.port) as connection:
                connection.sendall(wire.connect(f"{name}{number:04}", clean=False) + wire.subscribe(1, [(topic_of(number), 1)]))
                if offline.receive(connection, 9)[-1] != 1:
                    raise BenchError("a subscription was refused")
                connection.sendall(wire.goodbye())
                connection.recv(1)

    def fill(self):
        for run in range(self.chosen.runs):
            self.subscribe(f"own-{run}-", lambda number: f"backlog/{number:04}")
        self.subscribe("all-", lambda _: "backlog/#")
        stored.fill_log(self.chosen.build_dir, self.server, self.chosen.bytes, SESSIONS, "backlog/%4c", PAYLOAD)
        self.messages = self.server.stats()["publishes_in_qos1"]
        self.log_bytes = stored.log_bytes(self.path)
        print(f"{self.log_bytes / 1e9:.2f} GB of log, {self.messages:,} messages of {PAYLOAD:,} bytes on {SESSIONS} topics", flush=True)

    # ---- reading

    def sweep(self, run):
        """The whole log, once, by sessions with a topic each: (bytes a second, CPU seconds of the server)."""
        device, used = from_device(self.server.process.pid), stored.cpu_s(self.server.process.pid)
        began = time.monotonic()
        with Readers(self.server.port, f"own-{run}-", SESSIONS, self.client_cpus) as readers:
            while (now := readers.counts())["messages"] < self.messages:
                if now["at"] > began + SWEEP_SECONDS:
                    raise BenchError(f"only {now['messages']:,} of {self.messages:,} messages were read in {SWEEP_SECONDS} s")
                time.sleep(0.02)
            self.check(f"sweep {run}", now)
            # The server begins with the first client that connects.
            took, busy = now["at"] - began, now["cpu_s"] / (now["at"] - began)
        return {"rate": now["bytes"] / took, "cpu_s": stored.cpu_s(self.server.process.pid) - used, "clients_busy": busy,
                "device": from_device(self.server.process.pid) - device}

    @contextlib.contextmanager
    def out_of_cache(self):
        """The log is on the device alone, and the cache that it is read into is memory that has been used."""
        stored.put_out_of_cache(self.path)
        with contextlib.nullcontext() if self.chosen.quick else used_memory():
            yield

    def read(self, run):
        plain = []
        for _ in range(2):
            with self.out_of_cache():
                device = from_device("self")
                with on(self.server_cpus):
                    plain.append(read_plainly(self.path))
                plain_device = from_device("self") - device
            if len(plain) == 1:
                with self.out_of_cache():
                    sweep = self.sweep(run)
        with on(self.server_cpus):
            warm = read_plainly(self.path)
        share = sweep["rate"] / statistics.mean(plain)
        print(f"read from the device: {sweep['rate'] / 1e6:,.0f} MB/s by sessions ({sweep['cpu_s']:.1f} s of CPU of the server, clients "
              f"{100 * sweep['clients_busy']:.0f} % busy, {sweep['device'] / self.log_bytes:.2f} of the log came from the device), pread "
              f"{plain[0] / 1e6:,.0f} before and {plain[1] / 1e6:,.0f} after ({plain_device / self.log_bytes:.2f}): {share:.2f}; pread from the cache "
              f"{warm / 1e6:,.0f}; load {os.getloadavg()[0]:.1f}", flush=True)
        return share

    def check(self, what, counts):
        if counts["passed_over"]:
            self.faults.append(f"{what}: {counts['passed_over']} messages were passed over")

    # ---- beside those who are live

    @contextlib.contextmanager
    def reading(self, bytes_per_s=0):
        with Readers(self.server.port, "all-", SESSIONS, self.client_cpus, gives_way=not self.chosen.quick, goes_on=True,
                     bytes_per_s=bytes_per_s / SESSIONS) as readers:
            yield readers
            self.check("the sessions that have all to read", readers.counts())
            if self.server.stats()["sessions_behind"] < SESSIONS and not self.chosen.quick:
                raise BenchError("some session had nothing more to read: more --bytes are needed")

    def live(self, rate, readers=None):
        """50 pairs; CPU seconds of the server, and bytes that the readers had, while it was measured."""
        marks = []

        def mark():
            marks.append((time.monotonic(), stored.cpu_s(self.server.process.pid), readers.counts()["bytes"] if readers else 0))

        arguments = [*LIVE, "--clients", str(self.chosen.clients), "--rate", str(rate), "--duration", str(self.chosen.seconds)]
        with at_once(self.chosen.realtime):
            result, failure = generator.run(self.chosen.build_dir, self.server, arguments, self.client_cpus, on_measuring=mark)
        if failure:
            raise BenchError(f"of those who are live: {failure}")
        took, used, read = (after - before for before, after in zip(*marks))
        return {"p50": report.figure(result, "latency.deliver.p50_us"), "p99": report.figure(result, "latency.deliver.p99_us"),
                "lag": report.figure(result, "generator.lag.p99_us") or 0, "cpu_share": used / took, "read": read / took,
                "sent": result["messages_sent_per_s"]}

    def latency(self):
        alone = self.live(LATENCY_RATE)
        with self.reading() as readers:
            beside = self.live(LATENCY_RATE, readers)
        ratio = beside["p99"] / alone["p99"]
        print(f"p50 and p99 of {LATENCY_RATE:,} messages a second: {alone['p50']:,.0f} and {alone['p99']:,.0f} µs alone (sent late by "
              f"{alone['lag']:,.0f}), {beside['p50']:,.0f} and {beside['p99']:,.0f} beside {beside['read'] / 1e6:,.0f} MB/s of reading "
              f"({beside['lag']:,.0f}): {ratio:.2f}; load {os.getloadavg()[0]:.1f}", flush=True)
        return ratio

    def cost(self):
        alone = self.live(CPU_RATE)
        with self.reading(STEADY_BYTES_PER_S) as readers:
            time.sleep(1)  # until each has its window full
            used, before = stored.cpu_s(self.server.process.pid), readers.counts()
            time.sleep(self.chosen.seconds)
            used, after = stored.cpu_s(self.server.process.pid) - used, readers.counts()
            cpu_per_byte = used / max(after["bytes"] - before["bytes"], 1)
            read = (after["bytes"] - before["bytes"]) / (after["at"] - before["at"])
            beside = self.live(CPU_RATE, readers)
        own = alone["cpu_share"] / alone["sent"] * 1e6
        theirs = (beside["cpu_share"] - beside["read"] * cpu_per_byte) / beside["sent"] * 1e6
        print(f"CPU of a message, {CPU_RATE:,} a second: {own:.2f} µs alone; beside {beside['read'] / 1e6:,.0f} MB/s of reading {theirs:.2f} "
              f"({100 * beside['cpu_share']:.0f} % of a processor, of which such reading alone takes {100 * beside['read'] * cpu_per_byte:.0f}, "
              f"measured at {read / 1e6:,.0f} MB/s): {theirs / own:.2f}", flush=True)
        return theirs / own

    def run(self):
        self.fill()
        shares = [self.read(run) for run in range(self.chosen.runs)]
        if self.chosen.realtime:
            put_first(self.server.process.pid)
        both = [(self.latency(), self.cost()) for _ in range(self.chosen.runs)]
        memory, _ = stored.memory_of(self.server.process.pid)
        print(f"anonymous memory of the server afterwards: {memory / 1e6:.1f} MB")
        return {"the sessions' reading, of plain pread": (shares, READ_SHARE_BAR, True),
                "p99 of a live subscriber, times that without them": ([p99 for p99, _ in both], P99_RATIO_BAR, False),
                "CPU of a message, times that without them": ([cost for _, cost in both], CPU_RATIO_BAR, False)}


def judge(ratios):
    missed = []
    print()
    for what, (values, bar, is_least) in ratios.items():
        value = statistics.median(values)
        held = value >= bar if is_least else value <= bar
        said = f"{what}: {value:.2f} ({min(values):.2f}–{max(values):.2f}), bar {bar:g}{' at least' if is_least else ''}"
        print(f"{said}: {'held' if held else 'MISSED'}")
        if not held:
            missed.append(said)
    return missed


def main():
    chosen = parse_arguments()
    # So that the server is ended and the directory removed on the way out, whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    processors = sorted(os.sched_getaffinity(0))
    cpus = (set(processors[:1]), {processors[-1]}) if len(processors) > 1 else (None, None)
    try:
        with stored.directory(chosen.directory, chosen.bytes * 11 // 10) as path:
            with servers.running("headgate", chosen.build_dir, cpus[0], settings=stored.settings_of(path)) as server:
                print(f"{servers.headgate_version(chosen.build_dir)} on CPU {cpus[0]}, clients on CPU {cpus[1]}", flush=True)
                with on(cpus[1]):
                    measurement = Measurement(chosen, server, path, cpus)
                    ratios = measurement.run()
    except BenchError as error:
        print(f"backlog.py: {error}", file=sys.stderr)
        return 1
    missed = measurement.faults + (judge(ratios) if not chosen.quick else [])
    for sentence in missed:
        print(f"missed: {sentence}")
    if not missed:
        print("Everything ran, and nothing was lost." if chosen.quick else "Every bar is held.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
