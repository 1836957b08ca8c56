"""Runs headgate-loadtest against a server and reads its results (loadtest/report/results.schema.json)."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile

import servers
from servers import BenchError

PROGRAM = "headgate-loadtest"
# Clients of another process hold their connections for as long at most.
HOLD = "1h"
HOLD_READY_SECONDS = 120
FAULTS = ("lost", "duplicated", "duplicated_at_qos_2", "reordered", "corrupted", "misdelivered", "never_acknowledged",
          "wrong_acknowledgement", "session_lost")
# No server of a benchmark has a reason for any of them.
BROKEN = ("refused", "failed", "ended_by_server", "unanswered")


def losses(result):
    """Messages that did not come, or not as they should have; those at QoS 0 as well."""
    audit = result.get("audit", {})
    return audit.get("faults", 0) + audit.get("qos0_dropped", 0)


def sentences(result):
    """What is wrong with a run, by its results; empty in a good one."""
    said = list(result["failures"])
    audit = result.get("audit", {})
    said += [f"{audit[kind]} {kind.replace('_', ' ')}" for kind in FAULTS if audit.get(kind, 0)]
    if not audit.get("complete", True):
        said.append("the audit's memory did not suffice")
    counts = result["connections"]
    said += [f"{counts[kind]} connections {kind.replace('_', ' ')}" for kind in BROKEN if counts[kind]]
    if said:
        said += [f"{reason} ({count})" for reason, count in counts["reasons"].items()]
    return said


class Run:
    """One process of the generator. `arguments` begin with its form."""

    def __init__(self, build_dir, server, arguments, cpus=None, is_told_of_door=True):
        self.directory = tempfile.TemporaryDirectory(prefix="headgate-bench-")
        self.file = pathlib.Path(self.directory.name, "results.json")
        command = [build_dir / "bin" / PROGRAM, *arguments, "--target", f"127.0.0.1:{server.port}",
                   "--server-pid", str(server.process.pid), "--quiet", "--json", self.file]
        if is_told_of_door:
            command += server.generator_options
        if arguments[0] != "conn":
            command.append("--no-drops")
        pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus else None
        self.process = subprocess.Popen(command, text=True, preexec_fn=pin, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def end(self):
        servers.end_process(self.process)
        self.directory.cleanup()

    def outcome(self, said):
        """(its results, what is wrong) of a process that has ended; `said` is what it wrote to stderr."""
        try:
            status = self.process.wait(servers.END_SECONDS)
        except subprocess.TimeoutExpired:
            raise BenchError("the generator does not end") from None
        result = json.loads(self.file.read_text()) if self.file.exists() else None
        wrong = sentences(result) if result else [line for line in said if line]
        if status != 0 and not wrong:
            wrong = [f"the generator ended with {status}"]
        return result, "; ".join(wrong) or None


def run(build_dir, server, arguments, cpus=None, on_measuring=None):
    """(results, what is wrong with them); `on_measuring` is called when measuring starts, and when it ends."""
    if on_measuring:
        arguments = [*arguments, "--announce"]
    generator = Run(build_dir, server, arguments, cpus)
    said = []
    try:
        for line in generator.process.stderr:
            if on_measuring and line.startswith("measuring "):
                on_measuring()
            else:
                said.append(line.strip())
        return generator.outcome(said)
    finally:
        generator.end()


def rest_of(reader):
    """The lines that a program still says, until it ends: it has been told to."""
    reader.join()
    lines = []
    while not reader.lines.empty():
        lines.append(reader.lines.get())
    return [line for line in lines if line is not None]


@contextlib.contextmanager
def holding(build_dir, server, arguments, cpus=None):
    """Clients that connect, and are there meanwhile; BenchError when any of them is not all the time."""
    generator = Run(build_dir, server, [*arguments, "-d", HOLD, "--announce"], cpus)
    try:
        said = servers.LineReader(generator.process.stderr)
        if said.find("measuring starts", HOLD_READY_SECONDS) is None:
            generator.process.send_signal(signal.SIGINT)
            raise BenchError(f"the clients that are to be there did not come: {generator.outcome(rest_of(said))[1]}")
        yield
        generator.process.send_signal(signal.SIGINT)
        wrong = generator.outcome(rest_of(said))[1]
        if wrong:
            raise BenchError(f"of the clients that were there meanwhile: {wrong}")
    finally:
        generator.end()
