"""Starts and ends the two servers, each run in a fresh process on a free port of 127.0.0.1."""

import contextlib
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import door

READY_SECONDS = 20
END_SECONDS = 20

# No limit on queues or messages in flight, so that mosquitto drops nothing; and it writes nothing to disk.
MOSQUITTO_CONF = """\
listener {port} 127.0.0.1
allow_anonymous {anonymous}
persistence false
set_tcp_nodelay true
max_connections -1
max_inflight_messages 0
max_inflight_bytes 0
max_queued_messages 0
max_queued_bytes 0
log_type error
log_dest stderr
"""

HEADGATE_ARGUMENTS = ["serve", "--set", "listeners.tcp.port=0", "--set", "admin.port=0", "--set", "logging.level=warning"]


class BenchError(Exception):
    """A sentence for the person who runs the benchmark."""


def mosquitto_program():
    return shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def mosquitto_version():
    lines = subprocess.run([mosquitto_program(), "-h"], capture_output=True, text=True).stdout.splitlines()
    return lines[0] if lines else "mosquitto of unknown version"


def headgate_version(build_dir):
    asked = subprocess.run([build_dir / "bin/headgate", "--version"], capture_output=True, text=True)
    return asked.stdout.strip() if asked.returncode == 0 else "headgate"


class LineReader(threading.Thread):
    """Reads a pipe to its end, so that its writer never blocks, and hands out the lines."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe = pipe
        self.lines = queue.Queue()
        self.start()

    def run(self):
        for line in self.pipe:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def find(self, wanted, seconds):
        """The next line with the text `wanted`; None when it does not come."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None or wanted in line:
                return line
        return None


class Server:
    def __init__(self, name, process, port, output, counters):
        self.name, self.process, self.port, self.output, self.counters = name, process, port, output, counters
        self.admin_port = None  # Headgate's
        self.generator_options = []  # what its door needs
        self.is_to_end = False  # by itself, before it is told to

    def end_by(self, how, seconds):
        """Ends it with a signal, and waits; how long that took."""
        self.is_to_end = True
        began = time.monotonic()
        self.process.send_signal(how)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{self.name} does not end within {seconds:g} s of {how.name}") from None
        return time.monotonic() - began

    def stats(self):
        """Headgate's counters; None where there are none."""
        if self.name != "headgate":
            return None
        self.process.send_signal(signal.SIGUSR1)
        line = self.output.find("stats ", 5)
        return None if line is None else json.loads(line[line.index("{"):])


def end_process(process):
    """Ends one process that we started."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port, process):
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


def launch(command, cpus, environment, directory, errors):
    pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus else None
    return subprocess.Popen(command, cwd=directory, env=environment, preexec_fn=pin, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)


def start_headgate(build_dir, settings, **how):
    more = [part for setting in settings for part in ("--set", setting)]
    process = launch([build_dir / "bin/headgate", *HEADGATE_ARGUMENTS, *more], **how)
    output = LineReader(process.stdout)
    line = output.find("listening on 127.0.0.1:", READY_SECONDS)
    if line is None:
        end_process(process)
        raise BenchError(f"headgate did not say that it listens; it ended with {process.returncode}.")
    port = int(line.split("listening on 127.0.0.1:")[1].split()[0])
    line = output.find("admin at http://127.0.0.1:", READY_SECONDS)
    if line is None:
        end_process(process)
        raise BenchError("headgate did not say where its admin listener is.")
    return process, port, int(line.split("admin at http://127.0.0.1:")[1].split("/")[0]), output


def start_mosquitto(directory, lines, **how):
    # Between looking for a free port and listening on it somebody else may take it.
    for _ in range(5):
        port = free_port()
        conf = pathlib.Path(directory, "mosquitto.conf")
        anonymous = "false" if any(line.startswith("password_file ") for line in lines) else "true"
        conf.write_text(MOSQUITTO_CONF.format(port=port, anonymous=anonymous) + "".join(f"{line}\n" for line in lines))
        process = launch([mosquitto_program(), "-c", conf], directory=directory, **how)
        output = LineReader(process.stdout)
        if accepts(port, process):
            return process, port, output
        end_process(process)
    raise BenchError("mosquitto did not start to listen.")


@contextlib.contextmanager
def running(name, build_dir, cpus=None, counting=False, settings=(), wanted=door.Door(), mosquitto=()):
    """A fresh server with the wanted door, ready; ended on the way out. The settings are Headgate's, the lines mosquitto's."""
    with tempfile.TemporaryDirectory(prefix="headgate-bench-") as directory:
        environment = dict(os.environ, HEADGATE_CONFIG="")  # no file of this machine
        counters = None
        if counting:
            counters = pathlib.Path(directory, "counters")
            environment["LD_PRELOAD"] = str(build_dir / "bin/headgate-bench-count-calls.so")
            environment["HEADGATE_BENCH_COUNTERS"] = str(counters)
        with open(pathlib.Path(directory, "stderr"), "w+") as errors:
            how = {"cpus": cpus, "environment": environment, "directory": directory, "errors": errors}
            process, admin_port = None, None
            try:
                files = door.prepare(wanted, directory)
                if name == "headgate":
                    process, port, admin_port, output = start_headgate(build_dir, (*settings, *files.headgate), **how)
                else:
                    process, port, output = start_mosquitto(lines=[*files.mosquitto, *mosquitto], **how)
                server = Server(name, process, port, output, counters)
                server.admin_port, server.generator_options = admin_port, files.generator
                yield server
                if process.poll() is not None and not server.is_to_end:
                    raise BenchError(f"{name} ended by itself with {process.returncode}.")
            except BenchError as error:
                errors.flush()
                errors.seek(0)
                said = errors.read().strip()
                raise BenchError(f"{error} It said: {said[-2000:]}" if said else str(error)) from None
            finally:
                if process is not None:
                    end_process(process)
