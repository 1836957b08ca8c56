"""Memory that has all been used, as on any machine after days."""

import contextlib
import os
import pathlib
import tempfile

PIECE_BYTES = 1 << 20
LEFT_FREE_BYTES = 1 << 30


def free_bytes():
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemFree:"):
            return int(line.split()[1]) * 1024
    return 0


@contextlib.contextmanager
def used_memory(bytes_free=LEFT_FREE_BYTES):
    """The system's cache has nearly all memory meanwhile, and gives it to whoever asks. Memory that lay idle is dear where the machine is
    a virtual one: its host has taken it back, and gives it again page by page, at the cost of whoever touches it first."""
    with tempfile.TemporaryFile() as file:
        size = max(free_bytes() - bytes_free, 0)
        os.truncate(file.fileno(), size)  # nothing of it is on the disk
        piece = bytearray(PIECE_BYTES)
        for at in range(0, size, PIECE_BYTES):
            os.preadv(file.fileno(), [piece], at)
        left = free_bytes()
        if left > 4 * bytes_free:
            print(f"    {left / 1e9:.1f} GB of memory stay unused: the directory of temporary files is not on a disk", flush=True)
        yield
