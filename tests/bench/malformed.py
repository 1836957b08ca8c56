#!/usr/bin/env python3
"""Whether clients that are connected notice 200,000 malformed connections a minute: what they lose, their p99 against the same
bytes sent as valid connections, and the server's memory and descriptors afterwards; see README.md.

The server is on one processor, all that generates on another. Three phases, each with 50 pairs that send 500 messages a second at
QoS 1: nothing beside them, valid connections, malformed ones. Ten more pairs stay through all of it.
"""

import argparse
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the sources stay clean

import generator
import report
import servers
from servers import BenchError
from workloads import OWN_TOPIC

PROGRAM = "headgate-bench-flood"
PHASES = ("alone", "valid", "malformed")
P99_BAR = 2.0
RATE_BAR = 0.99  # of the rate that is wanted
GROWTH_BAR = 1 << 20  # bytes; what an allocator keeps in parts of pages, and no more
# What a worker writes about clients, by default, and its sums of what it left out.
LINES_PER_SECOND_BAR = 110
SETTLE_SECONDS = 30
FLOOD_END_SECONDS = 60

MEASURED = ["latency", "--clients", "50", "--qos", "1", "--rate", "500", *OWN_TOPIC]
STAYING = ["latency", "--clients", "10", "--qos", "1", "--rate", "100", "--topic", "staying/%4c", "--keep-alive", "0"]
QUICK_CLIENTS = ["--clients", "5"]

# A log in memory takes its room as it fills, and what it keeps of its batches depends on their sizes: one that the first phase
# has filled several times, so that memory can be compared. All else is as it comes.
SETTINGS = ("log.memory_bytes=1MiB",)

COUNTED = ("connections_accepted", "connects", "refused_malformed", "refused_connects", "refused_rate", "refused_too_many_clients",
           "accepts_paused", "connect_timeouts", "ended_by_error", "ended_by_client", "log_lines_left_out")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300, help="of a phase (300); the one with nothing beside takes a fifth")
    parser.add_argument("--rate", type=float, default=3333.4, help="connections a second (3,333.4: 200,000 a minute)")
    parser.add_argument("--seed", type=int, default=1, help="decides what is sent (1)")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="a setting of the server")
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--json", metavar="FILE", help="writes every figure")
    parser.add_argument("--nice", type=int, default=10, help="of the connections: they give way to the clients (10)")
    parser.add_argument("--quick", action="store_true", help="3 s and few clients; judges losses, endings and descriptors alone")
    chosen = parser.parse_args()
    chosen.build_dir = chosen.build_dir.resolve()
    if chosen.quick:
        chosen.seconds, chosen.rate = 3, min(chosen.rate, 500)
    for name in ("headgate", generator.PROGRAM, PROGRAM):
        if not (chosen.build_dir / "bin" / name).exists():
            parser.error(f"{chosen.build_dir}/bin/{name} is missing: build it, or say where it is with --build-dir")
    return chosen


class Watch:
    """What the server has and has used, from outside and by its counters."""

    def __init__(self, server):
        self.server, self.proc = server, pathlib.Path(f"/proc/{server.process.pid}")

    def descriptors(self):
        return len(os.listdir(self.proc / "fd"))

    def cpu_s(self):
        return sum(int((task / "schedstat").read_text().split()[0]) for task in (self.proc / "task").iterdir()) / 1e9

    def waited_s(self):
        """How long its threads were ready to run and something else had their processor."""
        return sum(int((task / "schedstat").read_text().split()[1]) for task in (self.proc / "task").iterdir()) / 1e9

    def memory(self):
        for line in (self.proc / "status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise BenchError("the kernel does not say what memory the server has")

    def log_lines(self):
        """Its standard error is a file."""
        return (self.proc / "fd/2").read_bytes().count(b"\n")

    def stats(self):
        stats = self.server.stats()
        if stats is None:
            raise BenchError("the server did not tell its counters")
        return stats

    def state(self):
        stats = self.stats()
        return {"clients": stats["clients"], "descriptors": self.descriptors(), "memory": self.memory(), "log_lines": self.log_lines(),
                "counted": {name: stats.get(name, 0) for name in COUNTED}}

    def settled(self, like=None):
        """The state once as many clients and descriptors are there as in the state `like`, or when they will not be so."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            state = self.state()
            if like is None or all(state[name] == like[name] for name in ("clients", "descriptors")) or time.monotonic() > deadline:
                return state
            time.sleep(0.1)


class Flood:
    """The connections; begins when the clients are measured and ends by itself."""

    def __init__(self, chosen, server, cpus, phase):
        self.watch, self.process = Watch(server), None
        self.command = [chosen.build_dir / "bin" / PROGRAM, "--port", str(server.port), "--rate", str(chosen.rate), "--seconds",
                        str(chosen.seconds), "--seed", str(chosen.seed), *(["--valid"] if phase == "valid" else [])]
        self.cpus, self.nice = cpus, chosen.nice
        self.began = self.cpu_s = None

    def pin(self):
        if self.cpus:
            os.sched_setaffinity(0, self.cpus)
        os.nice(self.nice)  # it gives way to who measures: both share the generators' processor

    def begin(self):
        self.began, self.cpu_s = time.monotonic(), self.watch.cpu_s()
        self.process = subprocess.Popen(self.command, text=True, preexec_fn=self.pin, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def figures(self, cpu_share_alone):
        """What it was, when it has ended; the server's CPU without what it uses when there are no such connections."""
        try:
            said, wrong = self.process.communicate(timeout=FLOOD_END_SECONDS)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{PROGRAM} does not end") from None
        if self.process.returncode != 0:
            raise BenchError(f"{PROGRAM} ended with {self.process.returncode}: {wrong.strip()}")
        took = time.monotonic() - self.began
        used = self.watch.cpu_s() - self.cpu_s - cpu_share_alone * took
        figures = json.loads(said)
        figures["server_cpu_us"] = used * 1e6 / max(figures["opened"], 1)
        return figures

    def close(self):
        if self.process:
            servers.end_process(self.process)


class Measurement:
    def __init__(self, chosen, server, cpus):
        self.chosen, self.server, self.cpus = chosen, server, cpus
        self.watch = Watch(server)
        self.cpu_share_alone = 0.0

    def phase(self, name, base):
        before = self.watch.settled(base)
        seconds = self.chosen.seconds if name != "alone" else max(self.chosen.seconds / 5, 3)
        arguments = [*MEASURED, "--duration", str(seconds), *(QUICK_CLIENTS if self.chosen.quick else [])]
        flood = Flood(self.chosen, self.server, self.cpus, name) if name != "alone" else None
        began, cpu_s, waited_s, load = time.monotonic(), self.watch.cpu_s(), self.watch.waited_s(), os.getloadavg()[0]
        steps = [flood.begin if flood else lambda: None, lambda: None]
        try:
            result, failure = generator.run(self.chosen.build_dir, self.server, arguments, self.cpus,
                                            on_measuring=lambda: steps.pop(0)())
            if failure:
                raise BenchError(f"the clients of the phase {name}: {failure}")
            figures = flood.figures(self.cpu_share_alone) if flood else None
        finally:
            if flood:
                flood.close()
        if not flood:
            self.cpu_share_alone = (self.watch.cpu_s() - cpu_s) / (time.monotonic() - began)
        after = self.watch.settled(before)
        return {"before": before, "after": after, "clients": result, "flood": figures, "load": [load, os.getloadavg()[0]],
                "took_s": time.monotonic() - began, "waited_s": self.watch.waited_s() - waited_s}

    def run(self):
        staying = [*STAYING, *(QUICK_CLIENTS if self.chosen.quick else [])]
        found = {}
        with generator.holding(self.chosen.build_dir, self.server, staying, self.cpus):
            base = self.watch.state()
            for name in PHASES:
                found[name] = self.phase(name, base)
                print_phase(name, found[name])
        return found


def p99_of(phase):
    return report.figure(phase["clients"], "latency.deliver.p99_us")


def counted_of(phase):
    return {name: phase["after"]["counted"][name] - phase["before"]["counted"][name] for name in COUNTED}


def lines_of(phase):
    return phase["after"]["log_lines"] - phase["before"]["log_lines"]


def print_phase(name, phase):
    clients, flood, before, after = phase["clients"], phase["flood"], phase["before"], phase["after"]
    print(f"\n{name}: p50 {report.figure(clients, 'latency.deliver.p50_us'):,.0f} µs, p99 {p99_of(phase):,.0f} µs of "
          f"{clients['deliveries']:,} deliveries; lost or twice: {generator.losses(clients)}; generator busy "
          f"{100 * clients['generator']['busy_share']:.0f} %; load of the machine {phase['load'][0]:.1f} to {phase['load'][1]:.1f}; the "
          f"server waited for its processor for {100 * phase['waited_s'] / phase['took_s']:.0f} % of the time")
    print(f"    memory {before['memory']:,} → {after['memory']:,} B ({after['memory'] - before['memory']:+,}), descriptors "
          f"{before['descriptors']} → {after['descriptors']}, clients {before['clients']} → {after['clients']}, "
          f"log lines {lines_of(phase):,}")
    if not flood:
        return
    print(f"    {flood['opened']:,} connections, {flood['opened_per_s']:,.0f} a second, {flood['bytes']:,} bytes; at most "
          f"{flood['most_open']:,} at once; closed after {flood['closed_p50_us']:,} µs (p50), {flood['closed_p99_us']:,} µs (p99); "
          f"opened late by {flood['latest_us']:,} µs at most")
    print(f"    CPU of the server {flood['server_cpu_us']:.1f} µs a connection")
    print("    it counted: " + ", ".join(f"{count:,} {what}" for what, count in counted_of(phase).items() if count))
    for kind, ended in flood["ended"].items():
        print(f"    {kind:17} " + ", ".join(f"{count:,} {outcome}" for outcome, count in ended.items()), flush=True)


def harmed(name, phase, wanted):
    """What no run may show, however short."""
    flood, before, after = phase["flood"], phase["before"], phase["after"]
    said = []
    if generator.losses(phase["clients"]):
        said.append(f"{name}: messages of the clients were lost")
    for what in ("clients", "descriptors"):
        if before[what] != after[what]:
            said.append(f"{name}: {after[what]} {what} afterwards, {before[what]} before")
    if flood and flood["wrong"]:
        said.append(f"{name}: {flood['wrong']} connections ended as they must not; the first: {flood['first_wrong']}")
        # Clients of the measurement itself were accepted, too.
        missing = flood["opened"] - counted_of(phase)["connections_accepted"]
        if missing > 0:
            said.append(f"{name}: {missing} connections or more never came to the server: the system drops them when 4,096 wait to be "
                        "accepted, 1.2 s of them; see how long it waited for its processor")
    if flood and flood["opened"] < 0.9 * wanted:
        said.append(f"{name}: {flood['opened']} connections were opened instead of {wanted:.0f}")
    return said


def missed(found, chosen):
    valid, malformed = found["valid"], found["malformed"]
    ratio = p99_of(malformed) / p99_of(valid)
    growth = malformed["after"]["memory"] - found["alone"]["after"]["memory"]
    a_second = lines_of(malformed) / malformed["took_s"]
    print(f"\np99 beside malformed connections / beside valid ones: {ratio:.2f} (bar {P99_BAR:g}); bytes {malformed['flood']['bytes']:,} "
          f"and {valid['flood']['bytes']:,}\nmemory after all of it {growth:+,} B (bar {GROWTH_BAR:,}); {a_second:.0f} log lines a second")
    said = []
    if ratio > P99_BAR:
        said.append(f"p99 is {ratio:.2f} times that beside valid connections, bar {P99_BAR:g}")
    if growth > GROWTH_BAR:
        said.append(f"the server keeps {growth:,} B, bar {GROWTH_BAR:,}")
    if a_second > LINES_PER_SECOND_BAR:
        said.append(f"{a_second:.0f} log lines a second, bar {LINES_PER_SECOND_BAR}")
    for name in ("valid", "malformed"):
        if found[name]["flood"]["opened_per_s"] < RATE_BAR * chosen.rate:
            said.append(f"{name}: {found[name]['flood']['opened_per_s']:,.0f} connections a second instead of {chosen.rate:,.0f}: "
                        "the generator did not get so far")
    return said


def main():
    chosen = parse_arguments()
    # So that the server and the generators are ended on the way out, whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    cpus = sorted(os.sched_getaffinity(0))
    server_cpus, generator_cpus = (set(cpus[:1]), {cpus[-1]}) if len(cpus) > 1 else (None, None)
    try:
        with servers.running("headgate", chosen.build_dir, server_cpus, settings=(*SETTINGS, *chosen.settings)) as server:
            print(f"{servers.headgate_version(chosen.build_dir)} on CPU {server_cpus}, generators on CPU {generator_cpus}; settings "
                  f"{', '.join((*SETTINGS, *chosen.settings))}; "
                  f"{chosen.rate:,.1f} connections a second for {chosen.seconds:g} s", flush=True)
            found = Measurement(chosen, server, generator_cpus).run()
    except BenchError as error:
        print(f"malformed.py: {error}", file=sys.stderr)
        return 1
    if chosen.json:
        pathlib.Path(chosen.json).write_text(json.dumps(found) + "\n")
    said = [sentence for name in PHASES for sentence in harmed(name, found[name], 0 if chosen.quick else chosen.rate * chosen.seconds)]
    if not chosen.quick:
        said += missed(found, chosen)
    for sentence in said:
        print(f"missed: {sentence}")
    if not said:
        print("Everything ran, and nothing was lost." if chosen.quick else "Every bar is held.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
