#!/usr/bin/env python3
"""Runs the workloads against headgate and mosquitto side by side, and says which bars are held; see README.md."""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import resource
import signal
import sys

sys.dont_write_bytecode = True  # the sources stay clean

import generator
import report
import servers
import storm
from servers import BenchError
from used_memory import used_memory
from workloads import LOG_FILLED, QUICK, WORKLOADS

# What the workloads with idle clients need of the server; with fewer there are fewer clients.
IDLE_DESCRIPTORS = 16_000
FREE_DESCRIPTORS = 500


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--only", metavar="WORKLOAD[,...]", help="of: " + ", ".join(names))
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs (default 5)")
    parser.add_argument("--cpu-seconds", type=float, default=10, help="CPU time of the server that a run measures (10)")
    parser.add_argument("--max-seconds", type=float, default=60, help="longest measuring of a run (60)")
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--server", choices=["headgate", "mosquitto", "both"], default="both")
    parser.add_argument("--quick", action="store_true", help="tiny runs, to see that all works; judges nothing")
    parser.add_argument("--json", metavar="FILE", help="writes every figure of every run")
    parser.add_argument("--pin", action="store_true", help="the generator on the last CPU, the server on the others")
    parser.add_argument("--no-count", action="store_true", help="without the runs that count calls")
    chosen = parser.parse_args()
    wanted = chosen.only.split(",") if chosen.only else names
    for name in wanted:
        if name not in names:
            parser.error(f"there is no workload {name}; there are: {', '.join(names)}")
    chosen.workloads = [workload for workload in WORKLOADS if workload.name in wanted]
    chosen.build_dir = chosen.build_dir.resolve()
    if chosen.quick:
        chosen.runs = 1
    return chosen


def require_programs(chosen):
    """Says what is missing and how to get it; returns the servers that run."""
    wanted = ["headgate", "mosquitto"] if chosen.server == "both" else [chosen.server]
    needed = [generator.PROGRAM, "headgate-bench-count-calls.so"]
    if "headgate" in wanted:
        needed.append("headgate")
    for name in needed:
        if not (chosen.build_dir / "bin" / name).exists():
            raise BenchError(f"{chosen.build_dir}/bin/{name} is missing: build it with `cmake --preset release && "
                             "cmake --build --preset release`, or say where it is with --build-dir.")
    if "mosquitto" in wanted and servers.mosquitto_program() is None:
        if chosen.server == "mosquitto" or not chosen.quick:
            raise BenchError("mosquitto is not installed (apt-get install mosquitto); or use --server headgate.")
        print("mosquitto is not installed: only headgate runs.")
        wanted.remove("mosquitto")
    return wanted


class Bench:
    def __init__(self, chosen, names):
        self.chosen, self.names = chosen, names
        self.failures = []
        self.failed_runs = []
        self.missed = []
        self.results = {}
        self.server_cpus = self.generator_cpus = None
        cpus = sorted(os.sched_getaffinity(0))
        self.apart = (set(cpus[:-1]), {cpus[-1]}) if len(cpus) > 1 else (None, None)
        if chosen.pin:
            self.server_cpus, self.generator_cpus = self.apart
        self.descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def arguments_of(self, workload, variant, counting):
        cpu_seconds = min(self.chosen.cpu_seconds, 2) if counting else self.chosen.cpu_seconds
        measuring = ["--cpu-seconds", str(cpu_seconds), "--duration", str(self.chosen.max_seconds)]
        # The form comes first, and of an option that comes again the last value counts.
        arguments = [workload.arguments[0], *measuring, *workload.arguments[1:]]
        if counting:
            arguments += ["--warm-up", "3"]
        if counting and variant == "headgate" and workload.is_logged and not self.chosen.quick:
            arguments += LOG_FILLED
        if workload.held and self.descriptors < IDLE_DESCRIPTORS:
            arguments += ["--clients", str(self.descriptors - FREE_DESCRIPTORS - self.descriptors // 3)]
        if self.chosen.quick:
            arguments += QUICK + workload.quick
        if variant == "small":
            arguments += workload.small
        return arguments

    def held_arguments(self, workload):
        arguments = list(workload.held)
        if self.descriptors < IDLE_DESCRIPTORS:
            arguments += ["--clients", str(self.descriptors // 3)]
        if self.chosen.quick:
            arguments += workload.held_quick
        return arguments

    def generate_in_storm(self, server, workload, arguments, cpus):
        """The same while passwords are tried, from when it is measured to when that ends."""
        beside = storm.Storm(self.chosen.build_dir, server,
                             [*workload.storm, *(workload.storm_quick if self.chosen.quick else [])], cpus)
        steps = [beside.begin, beside.end]
        try:
            result, failure = generator.run(self.chosen.build_dir, server, arguments, cpus,
                                            on_measuring=lambda: steps.pop(0)())
        finally:
            beside.close()
        if result is not None and beside.figures:
            result["storm"] = beside.figures
            print(f"    the storm: {json.dumps(beside.figures)}", flush=True)
        return result, failure

    def generate(self, server, workload, variant, counting):
        """Runs the generator; (its results, what is wrong with them)."""
        arguments = self.arguments_of(workload, variant, counting)
        if not counting:
            cpus = self.apart[1] if workload.storm else self.generator_cpus
            if workload.storm and variant != "small":
                return self.generate_in_storm(server, workload, arguments, cpus)
            return generator.run(self.chosen.build_dir, server, arguments, cpus)
        stats = []
        result, failure = generator.run(self.chosen.build_dir, server,
                                        [*arguments, "--counters", str(server.counters)], self.generator_cpus,
                                        on_measuring=lambda: stats.append(server.stats()))
        if result is not None and len(stats) == 2 and all(stats):
            messages = stats[1]["publishes_in"] - stats[0]["publishes_in"]
            result["lookups_per_message"] = (stats[1]["topic_lookups"] - stats[0]["topic_lookups"]) / max(messages, 1)
            result["headgate_stats"] = {key: stats[1][key] - stats[0].get(key, 0) for key in stats[1]}
        return result, failure

    def run_once(self, workload, variant, counting=False):
        """The results of a run; None of one that failed."""
        name = "headgate" if variant == "small" else variant
        result = None
        try:
            settings = workload.small_settings if variant == "small" else workload.settings
            door = workload.small_door if variant == "small" and workload.small_door else workload.door
            cpus = self.apart[0] if workload.storm else self.server_cpus
            with servers.running(name, self.chosen.build_dir, cpus, counting, settings, door, workload.mosquitto) as server:
                held = contextlib.nullcontext()
                if workload.held:
                    held = generator.holding(self.chosen.build_dir, server, self.held_arguments(workload),
                                             self.generator_cpus)
                with held:
                    result, failure = self.generate(server, workload, variant, counting)
        except BenchError as error:
            failure = str(error)
        if not failure and workload.resumes is not None:
            failure = report.wrong_handshakes(result, workload.resumes)
        if not failure:
            return result
        self.failures.append(f"{workload.title}, {variant}: {failure}")
        self.failed_runs.append({"workload": workload.name, "server": variant, "failure": failure, "results": result})
        print(f"    {variant}: {failure}", flush=True)
        return None

    def run(self, workload):
        print(f"\n{workload.name}: {workload.title}", flush=True)
        variants = list(self.names)
        if workload.small is not None:
            # Headgate is measured against itself: how mosquitto does with many topics is no measure here.
            variants = ["headgate", "small"] if "headgate" in variants else []
        runs = {variant: [] for variant in variants}
        with used_memory() if workload.used_memory and not self.chosen.quick else contextlib.nullcontext():
            for _ in range(1 if workload.once else self.chosen.runs):
                results = {variant: self.run_once(workload, variant) for variant in variants}
                # A pair with a run that failed is no pair.
                if all(results.values()):
                    for variant, result in results.items():
                        runs[variant].append(result)
        self.results[workload.name] = {"runs": runs}
        if any(runs.values()):
            self.missed += report.print_bars(workload, runs, not self.chosen.quick)
            report.print_spent(runs)
        if workload.counted and not self.chosen.no_count:
            self.count(workload)

    def count(self, workload):
        counted = {}
        for name in self.names:
            if workload.small is not None and name != "headgate":
                continue
            result = self.run_once(workload, name, counting=True)
            if result is None:
                continue
            counted[name] = result
            if report.system_calls(result) == 0:
                self.failures.append(f"{workload.title}, {name}: the counting library counted nothing")
            self.missed += report.print_counts(workload, name, result, not self.chosen.quick)
        self.results[workload.name]["counted"] = counted


def print_conditions(chosen, names, bench):
    print(f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} CPUs, load "
          f"{os.getloadavg()[0]:.2f}; {chosen.runs} interleaved runs of {chosen.cpu_seconds:g} CPU s of the server "
          f"(at most {chosen.max_seconds:g} s); payload 64 bytes")
    if bench.server_cpus:
        print(f"server on CPUs {sorted(bench.server_cpus)}, generator on {sorted(bench.generator_cpus)}")
    if "headgate" in names:
        print(f"\n{servers.headgate_version(chosen.build_dir)}, started as:")
        print("    headgate " + " ".join(servers.HEADGATE_ARGUMENTS))
    if "mosquitto" in names:
        print(f"\n{servers.mosquitto_version()}, with the configuration:")
        print("".join(f"    {line}\n" for line in servers.MOSQUITTO_CONF.format(port="PORT", anonymous="true").splitlines()), end="")


def main():
    chosen = parse_arguments()
    # So that the servers are ended on the way out, whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        names = require_programs(chosen)
        bench = Bench(chosen, names)
        print_conditions(chosen, names, bench)
        for workload in chosen.workloads:
            bench.run(workload)
    except BenchError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    if chosen.json:
        found = bench.results | ({"failed": bench.failed_runs} if bench.failed_runs else {})
        pathlib.Path(chosen.json).write_text(json.dumps(found) + "\n")
    print()
    for sentence in bench.missed:
        print(f"missed: {sentence}")
    for sentence in bench.failures:
        print(f"failed: {sentence}")
    if bench.missed or bench.failures:
        return 1
    print("Everything ran" if chosen.quick else "Every bar that was judged is held", "and nothing was lost.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
