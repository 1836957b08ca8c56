"""A relay in front of a server of the harness, which makes faults when a test says so.

    between = relay.start(self, server)
    with wire.connected(between.port, "a") as client:
        between.tell("drop publish down nth 2")

`headgate-loadtest relay --help` has the commands.
"""

import json
import pathlib
import re
import subprocess

import harness

HELLO = re.compile(r"relay listening on (.+):(\d+), to ")


def binary():
    return str(pathlib.Path(harness.binary()).with_name("headgate-loadtest"))


class relay:
    """A running `headgate-loadtest relay`. What it is told and what it reports go over its standard input and output."""

    def __init__(self, port, *commands, seed=1, address="127.0.0.1"):
        arguments = [binary(), "relay", "--json", "--target", f"{address}:{port}", "--seed", str(seed)]
        for command in commands:
            arguments += ["--do", command]
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
        )
        self._output = harness.output_lines(self._process.stdout)
        self._errors = harness.output_lines(self._process.stderr)
        self._faults = []
        self.sums = None  # once it has ended
        line = self._output.next(harness.deadline(), "the relay did not say that it listens")
        found = HELLO.match(line or "")
        if not found:
            self.kill()
            raise AssertionError(f"the relay said {line!r} instead of listening; {self._errors.lines}")
        self.port = int(found[2])
        for command in commands:
            self._answer(command)

    def _take(self, line):
        """Keeps a line that is no answer."""
        said = json.loads(line)
        if "fault" in said:
            self._faults.append(said)
        else:
            self.sums = said["sums"]

    def _next_line(self, sentence):
        line = self._output.next(harness.deadline(), sentence)
        if line is None:
            raise AssertionError(f"the relay ended: {self._errors.lines[-30:]}")
        return line

    def _answer(self, command):
        while (line := self._next_line(f"the relay did not answer {command!r}")).startswith("{"):
            self._take(line)
        word, _, text = line.partition(" ")
        if word != "ok":
            raise AssertionError(f"{command!r}: {text}")
        return text

    def tell(self, command):
        """Its answer, without "ok"."""
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._answer(command)

    def stats(self):
        return json.loads(self.tell("stats"))

    def faults(self):
        """Those made so far, in their order: a dictionary each, as `--json` prints it."""
        self.stats()  # what was made before stands before the answer
        return list(self._faults)

    def wait_for_faults(self, count):
        """The faults, once there are so many."""
        while len(self._faults) < count:
            self._take(self._next_line(f"{count} faults were not made in time, but {self._faults}"))
        return list(self._faults)

    def kill(self):
        self._process.kill()
        self._end()

    def _end(self):
        self._process.wait(harness.DEADLINE_S)
        self._output.join()
        self._errors.join()
        self._process.stdin.close()

    def stop(self):
        """Ends it and keeps its sums; another status than 0 or a report of a sanitizer is an error."""
        if self.sums is not None and self._process.returncode is not None:
            return self.sums  # ended before
        if self._process.poll() is None:
            self._process.terminate()
        until = harness.deadline()
        while (line := self._output.next(until, "the relay did not end")) is not None:
            if line.startswith("{"):
                self._take(line)
        self._end()
        text = "\n".join(self._errors.lines)
        if self._process.returncode != 0 or harness.SANITIZER_REPORT.search(text):
            raise AssertionError(f"the relay ended with status {self._process.returncode} and said:\n{text[-8000:]}")
        return self.sums


def start(test, server, *commands, **options):
    """A relay for one test, ended and judged when the test ends. Started after its server, it ends before it."""
    started = relay(server.port, *commands, **options)
    test.addCleanup(started.stop)
    return started
