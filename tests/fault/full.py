#!/usr/bin/env python3
"""As kill.py, on a disk that is full now and then: what was acknowledged is there all the same.

    HEADGATE_BINARIES=build/release/bin tests/fault/full.py --rounds 15

The disk fills under load, at once or with some room left, and in some rounds again and again, so that what RocksDB gives back is
gone as well. The server dies meanwhile, or there is room again and it has to go on by itself. Who publishes with MQTT 5 is told 0x97,
and does not send the message again; who publishes with 3.1.1 loses its connection, and does. Needs root, or user namespaces.
"""

import subprocess
import sys
import tempfile

import kill

import harness
import small_disk

DISK_BYTES = 1 << 30  # in memory; a round takes some 50 MB of it, so 15 rounds
CANNOT_START = 2


class campaign(kill.campaign):
    def __init__(self, disk, settings, seed):
        super().__init__(disk.data, ("log.retention_disk_percent=0", *settings), seed)
        self.disk = disk
        self.ledger.disk_may_be_full = True

    def _die(self):
        if self.random.random() < 0.7:
            self._fill()
        super()._die()

    def _fill(self):
        self.crowd.run_for(self.random.uniform(0.1, 0.5))
        leave = self.random.choice((0, 0, 100_000, 1_000_000))
        self.disk.fill(leave)
        self.figures["times full"] += 1
        again = self.random.random() < 0.5
        for _ in range(self.random.randrange(1, 15)):
            self.crowd.run_for(0.1)
            if again:
                self.disk.fill(leave)
        if self.random.random() < 0.5:
            self._room()
            self.crowd.run_for(1.2)  # the log tries each second

    def _room(self):
        self.disk.make_room()

    def come_back(self):
        if self.random.random() < 0.5 and self._cannot_start():
            self.figures["starts refused for want of room"] += 1
        self._room()
        super().come_back()

    def _cannot_start(self):
        """With what room there is: it says why it does not start, or it starts and is killed."""
        try:
            started = subprocess.run(harness.serve_command(*self.settings), capture_output=True, text=True, timeout=0.5, check=False)
        except subprocess.TimeoutExpired:
            return False
        if started.returncode != CANNOT_START or "No space left on device" not in started.stderr:
            self.ledger.fault("start", f"on a full disk it ended with status {started.returncode}: {started.stderr.strip()[-300:]}")
        return True

    def settle(self):
        self._room()
        super().settle()


def main():
    parser = kill.parser_of(__doc__)
    options = parser.parse_args()
    if why := small_disk.mounts_of_our_own():
        sys.exit(f"No disk of its own can be mounted: {why}")
    with tempfile.TemporaryDirectory(prefix="headgate-full-") as directory:
        disk = small_disk.small_disk(directory, DISK_BYTES)
        try:
            status = kill.run(options, lambda settings, seed: campaign(disk, settings, seed))
        finally:
            disk.unmount()
    sys.exit(status)


if __name__ == "__main__":
    main()
