"""Starts `headgate serve` for a test, waits for what it says, reads its counters and ends it.

The directory of the programs comes in the environment variable HEADGATE_BINARIES. Settings for every server of a run come in
HEADGATE_TEST_SETTINGS, as KEY=VALUE with spaces between; a test's own settings come after them, so they win. Nothing here sleeps:
every wait is for an event, and has a deadline with a sentence for the one who reads that it was missed.
"""

import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import unittest

# For anything that happens at once on an idle machine. Who breaks the server to see a test fail need not wait that long.
DEADLINE_S = int(os.environ.get("HEADGATE_TEST_DEADLINE_S", "60"))
SKIPPED = 77  # exit status of a file in which every test was skipped

SANITIZER_REPORT = re.compile(r"Sanitizer|runtime error:|assertion", re.IGNORECASE)
HELLO = re.compile(r"headgate \S+ listening on (.+):(\d+)$")
ROOM = re.compile(r"room for .*; (\d+) workers? and (\d+) shards?$")
ADMIN = re.compile(r"admin at http://(.+):(\d+)/")
os.environ["HEADGATE_CONFIG"] = ""  # no file of this machine
SETTINGS_OF_ALL = os.environ.get("HEADGATE_TEST_SETTINGS", "").split()


def binary():
    directory = os.environ.get("HEADGATE_BINARIES")
    if not directory:
        sys.exit("HEADGATE_BINARIES must name the directory of the programs, such as build/dev/bin; ctest sets it.")
    return str(pathlib.Path(directory) / "headgate")


def is_sanitized():
    """Whether the program was built with AddressSanitizer or ThreadSanitizer, which need memory of their own."""
    program = pathlib.Path(binary()).read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


def deadline(seconds=DEADLINE_S):
    return time.monotonic() + seconds


def left(until):
    return max(0.0, until - time.monotonic())


def eventually(condition, sentence, seconds=DEADLINE_S):
    """Asks again until the condition holds, and returns what it gave. Asking must take part in what is waited for."""
    until = deadline(seconds)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"{sentence}, not within {seconds} s")


class output_lines:
    """The lines of a stream, read by a thread of its own as they come."""

    def __init__(self, stream):
        self.lines = []
        self._new = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        with stream:
            for line in stream:
                text = line.rstrip("\n")
                if not text.startswith("stats "):  # asked for again and again, and wanted once
                    self.lines.append(text)
                self._new.put(text)
        self._new.put(None)

    def next(self, until, sentence):
        """The next line not asked for yet; None at the end."""
        try:
            return self._new.get(timeout=left(until))
        except queue.Empty:
            raise AssertionError(sentence) from None

    def join(self):
        self._thread.join(DEADLINE_S)


def serve_command(*settings, prefix=()):
    """What runs `headgate serve` on ports of its own choice, with the settings of all tests and then these."""
    arguments = [*prefix, binary(), "serve", "--set", "listeners.tcp.port=0", "--set", "admin.port=0"]
    for setting in (*SETTINGS_OF_ALL, *settings):
        arguments += ["--set", setting]
    return arguments


class server:
    """A running `headgate serve`. Settings are KEY=VALUE; `prefix` is a command that runs it, such as a shell with limits.

    Its counters are sums over its workers and shards, of which there are `workers` and `shards`: a filter counts once for each
    worker with a client that holds it. There is an order among the messages of a topic, and among all if there is one shard.
    """

    def __init__(self, *settings, prefix=()):
        self._process = subprocess.Popen(
            serve_command(*settings, prefix=prefix), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace",
        )
        self.pid = self._process.pid
        self._output = output_lines(self._process.stdout)
        self._errors = output_lines(self._process.stderr)
        self._asking = threading.Lock()
        self._wait_for_hello()

    def _wait_for_hello(self):
        line = self._output.next(deadline(), "the server did not say that it listens")
        found = HELLO.match(line or "")
        if not found:
            self.kill()
            raise AssertionError(f"the server said {line!r} instead of listening; {self.log()}")
        self.address, self.port = found[1], int(found[2])
        line = self._output.next(deadline(), "the server did not say how many workers it has")
        found = ROOM.match(line or "")
        if not found:
            self.kill()
            raise AssertionError(f"the server said {line!r} instead of its numbers of workers and shards; {self.log()}")
        self.workers, self.shards = int(found[1]), int(found[2])
        line = self._output.next(deadline(), "the server did not say where its admin listener is")
        found = ADMIN.match(line or "")
        self.admin_port = int(found[2]) if found else None

    def in_order(self, messages):
        """Messages of several topics as they can be compared: as they came, or sorted where shards have no order among them."""
        return list(messages) if self.shards == 1 else sorted(messages)

    def output(self):
        return list(self._output.lines)

    def log(self):
        """The lines on its standard error so far."""
        return list(self._errors.lines)

    def wait_for_line(self, text, after=0):
        """Waits for a line with `text` in it on its standard error, where lines come in their own time; gives all, without the first `after`."""
        eventually(lambda: self.stats() and any(text in line for line in self.log()[after:]), f"the log says {text!r}")
        return self.log()[after:]

    def stats(self):
        """Its counters, asked for with SIGUSR1."""
        with self._asking:
            self._process.send_signal(signal.SIGUSR1)
            until = deadline()
            while True:
                line = self._output.next(until, "the server did not answer SIGUSR1")
                if line is None:
                    raise AssertionError(f"the server ended; its last lines: {self.log()[-30:]}")
                if line.startswith("stats "):
                    return json.loads(line.removeprefix("stats "))

    def wait_for(self, condition, sentence):
        """Asks for the counters until the condition holds of them; returns them."""
        last = {}

        def asked():
            last.update(self.stats())
            return condition(last)

        try:
            eventually(asked, sentence)
        except AssertionError as missed:
            raise AssertionError(f"{missed}; the counters: {last}") from None
        return last

    def port_of(self, listener):
        """The port of a listener that is not the first."""
        said = re.compile(rf"listener {re.escape(listener)} on .+:(\d+)")
        eventually(lambda: self.stats() and any(said.search(line) for line in self.output()), f"it says where listener {listener} is")
        return next(int(found[1]) for line in self.output() if (found := said.search(line)))

    def descriptors(self):
        """How many files and sockets it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory_bytes(self):
        """What it has in memory now."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def signal(self, number):
        self._process.send_signal(number)

    def has_ended(self):
        return self._process.poll() is not None

    def wait(self):
        """Its exit status, once it has ended."""
        try:
            status = self._process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not end within {DEADLINE_S} s; its last lines: {self.log()[-30:]}") from None
        self._output.join()
        self._errors.join()
        return status

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._output.join()
        self._errors.join()

    def stop(self):
        """Ends it with SIGTERM; a report of a sanitizer or another exit status than 0 is an error."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        status = self.wait()
        text = "\n".join(self.log())
        if status != 0 or SANITIZER_REPORT.search(text):
            raise AssertionError(f"the server ended with status {status} and said:\n{text[-8000:]}")


def start(test, *settings, **options):
    """A server for one test, ended and judged when the test ends."""
    started = server(*settings, **options)
    test.addCleanup(started.stop)
    return started


def run(*arguments, prefix=()):
    """Runs a command of headgate that ends by itself; gives status, output and errors."""
    try:
        return subprocess.run(
            [*prefix, binary(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S, check=False,
        )
    except subprocess.TimeoutExpired:
        raise AssertionError(f"headgate {' '.join(arguments)} did not end within {DEADLINE_S} s") from None


def with_open_files(count):
    """The prefix that lowers the limit of open files, soft and hard."""
    return ("bash", "-c", 'ulimit -n "$0" && exec "$@"', str(count))


def in_parallel(functions, seconds=DEADLINE_S):
    """Runs each in a thread of its own and raises the first error of any."""
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:  # an assertion in a thread must reach the test
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(function,), daemon=True) for function in functions]
    for thread in threads:
        thread.start()
    until = deadline(seconds)
    for thread in threads:
        thread.join(left(until))
    if errors:
        raise errors[0]
    if any(thread.is_alive() for thread in threads):
        raise AssertionError(f"{sum(thread.is_alive() for thread in threads)} of {len(threads)} threads did not end within {seconds} s")


def main():
    """Runs the tests of the file that is called, with the reasons of those that are skipped."""
    binary()
    result = unittest.main(verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun > 0 and len(result.skipped) == result.testsRun:
        sys.exit(SKIPPED)
