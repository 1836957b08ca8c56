#!/usr/bin/env python3
"""Runs the workloads against headgate and mosquitto side by side, and says which bars are held; see README.md."""

import argparse
import json
import os
import pathlib
import platform
import resource
import signal
import subprocess
import sys

sys.dont_write_bytecode = True  # the sources stay clean

import report
import servers
from servers import BenchError
from workloads import LOG_FILLED, QUICK, WORKLOADS


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
    needed = ["headgate-bench-generator", "headgate-bench-count-calls.so"]
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
        self.missed = []
        self.results = {}
        self.server_cpus = self.generator_cpus = None
        cpus = sorted(os.sched_getaffinity(0))
        if chosen.pin and len(cpus) > 1:
            self.server_cpus, self.generator_cpus = set(cpus[:-1]), {cpus[-1]}
        self.descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def arguments_of(self, workload, variant, counting):
        cpu_seconds = min(self.chosen.cpu_seconds, 2) if counting else self.chosen.cpu_seconds
        arguments = ["--cpu-seconds", str(cpu_seconds), "--max-seconds", str(self.chosen.max_seconds)]
        arguments += workload.arguments
        if counting:
            arguments += ["--warm-up", "3"]
        if counting and variant == "headgate" and workload.is_logged:
            arguments += LOG_FILLED
        if workload.name.startswith("idle") and self.descriptors < 16_000:
            high = self.descriptors - 500
            arguments += ["--clients-low", str(high // 3), "--clients-high", str(high)]
        if self.chosen.quick:
            arguments += QUICK + workload.quick
        if variant == "small":
            arguments += workload.small
        return arguments

    def generate(self, server, arguments, counting):
        """Runs the generator; (its figures, what it said is wrong)."""
        command = [self.chosen.build_dir / "bin/headgate-bench-generator", "--target", f"127.0.0.1:{server.port}",
                   "--server-pid", str(server.process.pid), *arguments]
        if counting:
            command += ["--counters", server.counters, "--announce"]
        pin = (lambda: os.sched_setaffinity(0, self.generator_cpus)) if self.generator_cpus else None
        process = subprocess.Popen(command, text=True, preexec_fn=pin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said, stats = [], []
        try:
            # The generator prints its one line at the end, so that stdout never fills while stderr is read.
            for line in process.stderr:
                if counting and line.startswith("measuring "):
                    stats.append(server.stats())
                else:
                    said.append(line.strip())
            output = process.stdout.read()
            process.wait()
        finally:
            servers.end_process(process)
        result = json.loads(output) if output.strip() else None
        if result is not None and len(stats) == 2 and all(stats):
            messages = stats[1]["publishes_in"] - stats[0]["publishes_in"]
            result["lookups_per_message"] = (stats[1]["topic_lookups"] - stats[0]["topic_lookups"]) / max(messages, 1)
            result["headgate_stats"] = {key: stats[1][key] - stats[0].get(key, 0) for key in stats[1]}
        if process.returncode == 0:
            return result, None
        return result, " ".join(said) or f"the generator ended with {process.returncode}"

    def run_once(self, workload, variant, counting=False):
        name = "headgate" if variant == "small" else variant
        try:
            settings = workload.settings if variant == "headgate" else ()
            with servers.running(name, self.chosen.build_dir, self.server_cpus, counting, settings) as server:
                result, failure = self.generate(server, self.arguments_of(workload, variant, counting), counting)
        except BenchError as error:
            result, failure = None, str(error)
        if failure:
            self.failures.append(f"{workload.title}, {variant}: {failure}")
            print(f"    {variant}: {failure}", flush=True)
        return result

    def run(self, workload):
        print(f"\n{workload.name}: {workload.title}", flush=True)
        variants = list(self.names)
        if workload.small is not None:
            # Headgate is measured against itself: how mosquitto does with many topics is no measure here.
            variants = ["headgate", "small"] if "headgate" in variants else []
        runs = {variant: [] for variant in variants}
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
            if result["system_calls"] == 0:
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
        print("".join(f"    {line}\n" for line in servers.MOSQUITTO_CONF.format(port="PORT").splitlines()), end="")


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
        pathlib.Path(chosen.json).write_text(json.dumps(bench.results, indent=1) + "\n")
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
