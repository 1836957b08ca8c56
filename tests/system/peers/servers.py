"""The server under test: Headgate, or Debian's mosquitto, against which the tests themselves are tested.

HEADGATE_PEER_SERVER=mosquitto chooses mosquitto; without it, it is the Headgate of HEADGATE_BINARIES (see harness.py).
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import harness

KIND = os.environ.get("HEADGATE_PEER_SERVER", "headgate")
if KIND not in ("headgate", "mosquitto"):
    raise SystemExit(f"HEADGATE_PEER_SERVER must be headgate or mosquitto, not {KIND}")
IS_HEADGATE = KIND == "headgate"
MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")

SETTINGS = """
listener {port} 127.0.0.1
allow_anonymous true
user root
set_tcp_nodelay true
max_queued_messages 0
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class mosquitto:
    """A running mosquitto broker. `settings` are further lines of its configuration."""

    def __init__(self, settings=""):
        for _ in range(20):  # another program may take the port between the look and the start
            self.port = free_port()
            if self._started(SETTINGS.format(port=self.port) + settings):
                return
        raise AssertionError(f"mosquitto does not start: {self.log()[-20:]}")

    def _started(self, configuration):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(configuration)
            file.flush()
            self._process = subprocess.Popen([MOSQUITTO, "-v", "-c", file.name], stdin=subprocess.DEVNULL,
                                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
            self.pid = self._process.pid
            self._output = harness.output_lines(self._process.stdout)
            until = harness.deadline()
            while (line := self._output.next(until, "mosquitto did not say that it runs")) is not None:
                if re.search(r"mosquitto version \S+ running", line):
                    return True
        self._process.wait()
        return False

    def log(self):
        return list(self._output.lines)

    def wait_for_line(self, pattern):
        """Reads on in what it says until a line matches."""
        until = harness.deadline()
        while (line := self._output.next(until, f"mosquitto did not say {pattern}; {self.log()[-20:]}")) is not None:
            if re.search(pattern, line):
                return line
        raise AssertionError(f"mosquitto ended and did not say {pattern}: {self.log()[-20:]}")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(harness.DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.join()


def start(*settings):
    """The server under test; settings are Headgate's."""
    return harness.server(*settings) if IS_HEADGATE else mosquitto()


def in_order(server, messages):
    """Messages of several topics as they can be compared (see harness.server.in_order)."""
    return server.in_order(messages) if IS_HEADGATE else list(messages)


def missing():
    """Why no test can run at all; None when they can."""
    if IS_HEADGATE:
        harness.binary()
        return None
    return None if MOSQUITTO else "mosquitto must be installed: the package mosquitto"


def anonymous_memory_bytes(pid):
    """What a process holds in memory that is no file: heap, stacks, anonymous mappings."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024
