"""A data directory that outlives its servers: filled with log and sessions, read in turn, put out of the system's cache."""

import contextlib
import os
import pathlib
import tempfile
import time
import urllib.error
import urllib.request

import generator
import servers
from servers import BenchError

READY_SECONDS = 120
# Slower than a virtual disk takes it for long: faster than the host gave room, writes were refused (EDQUOT).
FILL_BYTES_PER_S = 150e6
PIECE_BYTES = 64 * 1024  # as the log reads its segments
# So that nobody is asked for gigabytes that are not there, and retention (log.retention_disk_percent) is off below.
SPARE_BYTES = 4 << 30
# A disk that others fill must not make the log drop what is to be read.
KEEPING = ("log.retention_disk_percent=0",)


@contextlib.contextmanager
def directory(where, needed_bytes):
    """A directory of its own on the disk, empty, and gone on the way out."""
    with tempfile.TemporaryDirectory(prefix="headgate-bench-", dir=where) as made:
        room = os.statvfs(made)
        free = room.f_bavail * room.f_frsize
        if free < needed_bytes + SPARE_BYTES:
            raise BenchError(f"{made} has {free / 1e9:.1f} GB free, and {(needed_bytes + SPARE_BYTES) / 1e9:.1f} are needed: say "
                             "another one with --directory, or less with --bytes")
        yield pathlib.Path(made)


def settings_of(path):
    return (f"data_dir={path}/data", "workers=1", *KEEPING)


def segments_of(path):
    """Files of messages, the oldest first."""
    return sorted(file for file in path.glob("data/log/*/*/*.log") if file.stem.isdigit())


def log_bytes(path):
    return sum(file.stat().st_size for file in segments_of(path))


def put_out_of_cache(path):
    """What stands in the directory is on the device alone: the next who reads it reads the device."""
    for file in path.rglob("*"):
        if not file.is_file():
            continue
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def fill_log(build_dir, server, wanted, topics, topic, payload):
    """Publishes so many bytes of payload at QoS 1, by a publisher a topic."""
    messages = max(wanted // payload, 1)
    result, failure = generator.run(build_dir, server, ["pub", "--clients", str(topics), "--topic", topic, "--qos", "1", "--size", str(payload),
                                                        "--rate", str(FILL_BYTES_PER_S / payload), "--messages", str(messages), "--warm-up", "0", "--duration", "1h",
                                                        "--keep-alive", "0"])
    if failure:
        raise BenchError(f"the log could not be filled: {failure}")
    return result


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_until_ready(server):
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(server.admin_port):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise BenchError("the server did not get ready")
        time.sleep(0.005)


def memory_of(pid):
    """Anonymous memory now, and the most that the process had in all: bytes."""
    lines = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["RssAnon"].split()[0]) * 1024, int(lines["VmHWM"].split()[0]) * 1024


def cpu_s(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
