#!/usr/bin/env python3
"""Persistent sessions that come back for what is in the log, in a process of their own: each reads as fast as it gets, or at a rate,
acknowledges, and sees that every message of each publisher comes, in order. The payloads are those of headgate-loadtest.

As a program it says when all are there, takes lines with a new rate on standard input (bytes a second of each session, 0 without bound),
and ends, disconnecting its clients, with the input. What came is counted in memory that the one who measures has mapped as well, so that
asking costs the readers nothing and does not wait for their turn.
"""

import argparse
import mmap
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the sources stay clean
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import servers
import stored
import wire
from servers import BenchError

ANSWER_SECONDS = 30
BUFFER_BYTES = 256 * 1024
# In one call, of those who give way: as long as the kernel copies, nobody else has the processor.
READ_BYTES = 64 * 1024
# A client with a rate reads so often.
TICK_S = 0.1
# What stands in a payload (loadtest/core/FORMAT.md): run, publisher, sequence.
STAMP = struct.Struct("<IIQ")
COUNTED = ("bytes", "messages", "again", "passed_over")
COUNTS = struct.Struct(f"<{len(COUNTED)}Q")


class Reader:
    """One session."""

    def __init__(self, port, client_id, counts, goes_on):
        self.counts, self.goes_on, self.seen = counts, goes_on, {}
        self.buffer = bytearray(BUFFER_BYTES)
        self.filled = 0
        self.left = 0.0  # bytes that it may read now, with a rate
        self.socket = socket.socket()
        self.socket.settimeout(ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(wire.connect(client_id, clean=False))
        if self.socket.recv(4, socket.MSG_WAITALL)[2:] != b"\x01\x00":
            raise BenchError(f"the session of {client_id} is gone")

    def read(self, most):
        """Reads once; how many bytes there were."""
        with memoryview(self.buffer) as view:
            got = self.socket.recv_into(view[self.filled:self.filled + min(most, BUFFER_BYTES - self.filled)])
        if got == 0:
            raise BenchError("the server closed a connection")
        self.filled += got
        self.counts["bytes"] += got
        self.take_packets()
        return got

    def take_packets(self):
        buffer, at, answers = self.buffer, 0, []
        while (end := self.end_of_packet(at)) is not None:
            if buffer[at] >> 4 == wire.PUBLISH:
                body = at + 1
                while buffer[body] & 0x80:
                    body += 1
                packet_id = body + 3 + (buffer[body + 1] << 8 | buffer[body + 2])
                answers.append(b"\x40\x02" + buffer[packet_id:packet_id + 2])
                self.note(STAMP.unpack_from(buffer, packet_id + 2))
            at = end
        if answers:
            self.socket.sendall(b"".join(answers))
            self.counts["messages"] += len(answers)
        if at:
            with memoryview(buffer) as view:
                view[:self.filled - at] = view[at:self.filled]
            self.filled -= at

    def end_of_packet(self, at):
        length = shift = 0
        for place in range(at + 1, min(at + 5, self.filled)):
            length |= (self.buffer[place] & 0x7F) << shift
            shift += 7
            if self.buffer[place] < 0x80:
                end = place + 1 + length
                return end if end <= self.filled else None
        return None

    def note(self, stamp):
        """At QoS 1 a message may come again, also out of order, after the connection had ended; none may be passed over."""
        run, publisher, sequence = stamp
        last = self.seen.get((run, publisher))
        if last is not None and sequence <= last:
            self.counts["again"] += 1
            return
        if sequence != (0 if last is None else last + 1) and not (last is None and self.goes_on):
            self.counts["passed_over"] += 1
        self.seen[run, publisher] = sequence


class Process:
    """What the program does, until standard input ends."""

    def __init__(self, readers, counts, bytes_per_s, read_bytes, show):
        self.read_bytes = read_bytes
        self.readers, self.counts, self.show = readers, counts, show
        self.by_descriptor = {reader.socket.fileno(): reader for reader in readers}
        self.poll = select.epoll()
        self.poll.register(0, select.EPOLLIN)
        for descriptor in self.by_descriptor:
            self.poll.register(descriptor, select.EPOLLIN)
        self.set_rate(bytes_per_s)

    def set_rate(self, bytes_per_s):
        """With a rate the sockets are asked at each tick instead of being waited for."""
        self.bytes_per_s, self.ticked = bytes_per_s, time.monotonic()
        for descriptor in self.by_descriptor:
            self.poll.modify(descriptor, 0 if bytes_per_s else select.EPOLLIN)

    def hear(self):
        """False at the end."""
        line = sys.stdin.readline()
        if line:
            self.set_rate(float(line))
        return bool(line)

    def run(self):
        while True:
            timeout = max(0.0, self.ticked + TICK_S - time.monotonic()) if self.bytes_per_s else -1
            for descriptor, _ in self.poll.poll(timeout):
                if descriptor:
                    self.by_descriptor[descriptor].read(self.read_bytes)
                elif not self.hear():
                    return
            self.show(self.counts)
            now = time.monotonic()
            if self.bytes_per_s and now >= self.ticked + TICK_S:
                for reader in self.readers:
                    read_at_rate(reader, self.bytes_per_s * (now - self.ticked), self.read_bytes)
                self.ticked = now


def read_at_rate(reader, allowed, read_bytes):
    reader.left = min(reader.left + allowed, 2 * allowed)
    while reader.left >= 1 and select.select([reader.socket], [], [], 0)[0]:
        reader.left -= reader.read(min(int(reader.left), read_bytes))


class Readers:
    """The process, from the one that measures: `with Readers(...) as readers: readers.counts()`."""

    def __init__(self, port, client_id, count, cpus=None, gives_way=False, bytes_per_s=0, goes_on=False):
        descriptor = os.memfd_create("counts")
        os.ftruncate(descriptor, COUNTS.size)
        self.map = mmap.mmap(descriptor, COUNTS.size)
        command = [sys.executable, __file__, str(port), client_id, str(count), str(descriptor), "--bytes-per-second", str(bytes_per_s),
                   *(["--goes-on"] if goes_on else []), "--read-bytes", str(READ_BYTES if gives_way else BUFFER_BYTES)]

        def place():
            if cpus:
                os.sched_setaffinity(0, cpus)
            if gives_way:  # whoever measures on the same processor runs at once; a nice value leaves it slices
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))

        self.process = subprocess.Popen(command, text=True, preexec_fn=place, pass_fds=[descriptor], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        os.close(descriptor)
        self.lines = servers.LineReader(self.process.stdout)

    def __enter__(self):
        if self.lines.find("ready", ANSWER_SECONDS) is None:
            self.__exit__()
            raise BenchError("the readers did not connect")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(servers.END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def counts(self):
        """What they have received, and when that was so."""
        if self.process.poll() is not None:
            raise BenchError("the readers have ended")
        return dict(zip(COUNTED, COUNTS.unpack(self.map))) | {"at": time.monotonic(), "cpu_s": stored.cpu_s(self.process.pid)}

    def set_rate(self, bytes_per_s):
        self.process.stdin.write(f"{bytes_per_s}\n")
        self.process.stdin.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("client_id", help="of the sessions, with a number of four digits behind it")
    parser.add_argument("count", type=int, help="sessions")
    parser.add_argument("counts", type=int, help="descriptor of the memory for the counts")
    parser.add_argument("--bytes-per-second", type=float, default=0, help="that each reads at most (no bound)")
    parser.add_argument("--read-bytes", type=int, default=BUFFER_BYTES, help="in one call")
    parser.add_argument("--goes-on", action="store_true", help="the sessions have received something before")
    chosen = parser.parse_args()
    counts = dict.fromkeys(COUNTED, 0)
    shared = mmap.mmap(chosen.counts, COUNTS.size)
    readers = [Reader(chosen.port, f"{chosen.client_id}{number:04}", counts, chosen.goes_on) for number in range(chosen.count)]
    print("ready", flush=True)
    Process(readers, counts, chosen.bytes_per_second, chosen.read_bytes, lambda now: COUNTS.pack_into(shared, 0, *now.values())).run()
    for reader in readers:
        reader.socket.sendall(wire.goodbye())
        reader.socket.close()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"readers.py: {error}")
