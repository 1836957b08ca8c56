"""Memory that has all been used, as on any machine after days."""

import contextlib
import os
import pathlib
import tempfile

PIECE_BYTES = 1 << 20
CHECKED_BYTES = 64 << 20
LEFT_FREE_BYTES = 1 << 30


def memory_bytes(what):
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) * 1024
    return 0


@contextlib.contextmanager
def used_memory(bytes_free=LEFT_FREE_BYTES):
    """The system's cache has nearly all memory meanwhile, and gives it to whoever asks. Memory that lay idle is dear where the machine is
    a virtual one: its host has taken it back, and gives it again page by page, at the cost of whoever touches it first."""
    with tempfile.TemporaryFile() as file:
        size = memory_bytes("MemTotal")
        os.truncate(file.fileno(), size)  # nothing of it is on the disk
        piece = bytearray(PIECE_BYTES)
        # What the host is just being told of counts as not free, and is free again later.
        for at in range(0, size, PIECE_BYTES):
            if at % CHECKED_BYTES == 0 and memory_bytes("MemFree") <= bytes_free:
                break
            os.preadv(file.fileno(), [piece], at)
        left = memory_bytes("MemFree")
        if left > 4 * bytes_free:
            print(f"    {left / 1e9:.1f} GB of memory stay unused: the directory of temporary files is not on a disk, or this is under "
                  "a limit of memory", flush=True)
        yield
