#!/usr/bin/env python3
"""What a scrape of /metrics each second costs while 15,000 clients are connected and 50 pairs load the server fully.

Pairs of runs, without scrapes and with them: the processor time of a message, and p99 of a steady load. And, exactly, what the
thread that answers the scrapes uses itself. Bars: 2 % of a processor, 1.02 times the CPU per message, 1.1 times p99.
"""

import argparse
import http.client
import pathlib
import resource
import statistics
import sys
import threading
import time

sys.dont_write_bytecode = True  # the sources stay clean

import generator
import report
import servers
from workloads import CPU, HELD, PAIRS, SUBSCRIBED_HELD

CPU_SHARE_BAR = 0.02  # of one processor, of the thread that answers
CPU_RATIO_BAR = 1.02
P99_RATIO_BAR = 1.1
SERVICE_THREAD = "headgate-svc"


def thread_cpu_s(pid, name):
    """Seconds that the thread of that name has run."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int((task / "schedstat").read_text().split()[0]) / 1e9
    raise servers.BenchError(f"the server has no thread {name}")


class Scraper(threading.Thread):
    """Asks for /metrics once a second until it is stopped."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.stopped, self.scrapes, self.bytes, self.failure = port, threading.Event(), 0, 0, None

    def run(self):
        try:
            while not self.stopped.wait(max(0.0, 1 - time.monotonic() % 1)):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/metrics")
                answer = connection.getresponse()
                self.bytes = len(answer.read())
                if answer.status != 200:
                    raise servers.BenchError(f"/metrics answered {answer.status}")
                self.scrapes += 1
                connection.close()
        except (OSError, servers.BenchError) as error:
            self.failure = error

    def stop(self):
        self.stopped.set()
        self.join()
        if self.failure:
            raise servers.BenchError(f"a scrape failed: {self.failure}")


def generate(chosen, server, arguments):
    result, failure = generator.run(chosen.build_dir, server, arguments)
    if failure:
        raise servers.BenchError(f"a run failed: {failure}")
    return result


def scraped(chosen, server, arguments):
    """The generator's figures while /metrics is asked for; and the share of a processor that the answers took."""
    scraper = Scraper(server.admin_port)
    before, began = thread_cpu_s(server.process.pid, SERVICE_THREAD), time.monotonic()
    scraper.start()
    result = generate(chosen, server, arguments)
    scraper.stop()
    used, took = thread_cpu_s(server.process.pid, SERVICE_THREAD) - before, time.monotonic() - began
    return result, used / took, scraper


def spread(values, digits=3):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def measure(chosen, server):
    load = {
        "pairs": [*PAIRS, "--qos", "1", "--window", "1000", "--duration", str(chosen.seconds)],
        "latency": ["latency", *PAIRS[1:], "--qos", "1", "--rate", "5000", "--duration", str(chosen.seconds)],
    }
    figures = {"pairs": CPU, "latency": "latency.deliver.p99_us"}
    unit = {"pairs": "µs of CPU a message", "latency": "µs p99"}
    ratios, shares = {}, []
    for name, arguments in load.items():
        without, within = [], []
        for run in range(chosen.runs):
            order = [False, True] if run % 2 == 0 else [True, False]
            for with_scrapes in order:
                if with_scrapes:
                    result, share, scraper = scraped(chosen, server, arguments)
                    within.append(report.figure(result, figures[name]))
                    shares.append(share)
                else:
                    without.append(report.figure(generate(chosen, server, arguments), figures[name]))
        ratios[name] = [b / a for a, b in zip(without, within)]
        print(f"{name}: {spread(without)} {unit[name]} without scrapes, {spread(within)} with; ratio {spread(ratios[name])}")
    print(f"the answers: {spread([100 * share for share in shares])} % of a processor; {scraper.bytes} bytes each")
    missed = []
    if max(shares) > CPU_SHARE_BAR:
        missed.append(f"the answers take {100 * max(shares):.2f} % of a processor, bar {100 * CPU_SHARE_BAR:g} %")
    if statistics.median(ratios["pairs"]) > CPU_RATIO_BAR:
        missed.append(f"a message costs {statistics.median(ratios['pairs']):.3f} times as much, bar {CPU_RATIO_BAR}")
    if statistics.median(ratios["latency"]) > P99_RATIO_BAR:
        missed.append(f"p99 is {statistics.median(ratios['latency']):.2f} times as long, bar {P99_RATIO_BAR}")
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=15_000, help="idle clients (15,000)")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs of each load (5)")
    parser.add_argument("--seconds", type=float, default=10, help="longest measuring of a run (10)")
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--quick", action="store_true", help="few clients, short runs; judges nothing")
    chosen = parser.parse_args()
    chosen.build_dir = chosen.build_dir.resolve()
    if chosen.quick:
        chosen.clients, chosen.runs, chosen.seconds = 200, 1, 2
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        idle = ["conn", *HELD, *SUBSCRIBED_HELD, "--clients", str(chosen.clients)]
        with servers.running("headgate", chosen.build_dir) as server:
            with generator.holding(chosen.build_dir, server, idle):
                print(f"{chosen.clients} idle clients, each subscribed; {chosen.runs} pairs of runs of "
                      f"{chosen.seconds:g} s", flush=True)
                missed = measure(chosen, server)
    except servers.BenchError as error:
        print(f"scrape.py: {error}", file=sys.stderr)
        return 1
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
