#!/usr/bin/env python3
"""Shows that the generator notices what a server does wrong: a small server delivers faithfully, or with one fault."""

import socket
import struct
import subprocess
import sys
import threading

FAULT_AT = 500  # the delivery that is held back until the next one

# What the server then sends of the two, and what the generator is to say.
FAULTS = {
    "none": (lambda held, packet: [held, packet], ""),
    "loss": (lambda held, packet: [packet], "1 messages were missing at their place, 0 came twice or late"),
    "duplicate": (lambda held, packet: [held, held, packet], "0 messages were missing at their place, 1 came twice"),
    "reorder": (lambda held, packet: [packet, held], "1 messages were missing at their place, 1 came twice or late"),
    "wrong topic": (lambda held, packet: [held, packet[:20] + b"9" + packet[21:]], "1 were not what was due"),
    "close": (lambda held, packet: None, "the server closed the connection"),
}


def read_packet(stream):
    head = stream.read(2)
    if len(head) < 2:
        return None
    length, shift = head[1] & 0x7F, 7
    while head[-1] & 0x80:
        head += stream.read(1)
        length |= (head[-1] & 0x7F) << shift
        shift += 7
    return head + stream.read(length)


def text_at(packet, at):
    size = struct.unpack_from(">H", packet, at)[0]
    return packet[at + 2:at + 2 + size]


class Server:
    """Literal topics, QoS 0, one thread a connection."""

    def __init__(self, apply_fault):
        self.apply_fault = apply_fault
        self.subscribers, self.delivered, self.held, self.lock = {}, 0, b"", threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        stream = connection.makefile("rb")
        try:
            while packet := read_packet(stream):
                kind = packet[0] >> 4
                if kind == 1:
                    connection.sendall(b"\x20\x02\x00\x00")
                elif kind == 8:
                    self.subscribers[text_at(packet, 4)] = connection
                    connection.sendall(b"\x90\x03" + packet[2:4] + b"\x00")
                elif kind == 3:
                    self.deliver(packet)
        except OSError:
            pass

    def deliver(self, packet):
        with self.lock:
            subscriber = self.subscribers[text_at(packet, 2)]
            self.delivered += 1
            packets = [packet]
            if self.delivered == FAULT_AT:
                self.held, packets = packet, []
            elif self.delivered == FAULT_AT + 1:
                packets = self.apply_fault(self.held, packet)
            if packets is None:
                subscriber.shutdown(socket.SHUT_RDWR)
            else:
                subscriber.sendall(b"".join(packets))


def check(generator, name):
    apply_fault, expected = FAULTS[name]
    server = Server(apply_fault)
    command = [generator, "--workload", "pairs", "--pairs", "1", "--window", "50", "--warm-up", "0.05",
               "--messages", "3000", "--max-seconds", "5", "--stall-seconds", "2",
               "--target", f"127.0.0.1:{server.port}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    good = run.returncode == (1 if expected else 0) and expected in run.stderr
    print(f"{'ok' if good else 'FAILED'}: {name}: exit status {run.returncode}. {run.stderr.strip()}")
    return good


if __name__ == "__main__":
    sys.exit(0 if all([check(sys.argv[1], name) for name in FAULTS]) else 1)
