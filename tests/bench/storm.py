"""Somebody who tries passwords, beside a measured run: many CONNECTs a second with wrong ones from one address, and clients at
another address that have the right one and want in, each time another one of them, whose password the server does not remember."""

import json
import os
import signal
import socket
import struct
import threading
import time

import door
import generator
import servers

# The right password comes from here, the wrong ones from 127.0.0.1.
OTHER_ADDRESS = "127.0.0.9"
RETRY_S = 0.1
ANSWER_S = 2
BETWEEN_S = 0.5


def connect_packet(client_id, user, password):
    """CONNECT of MQTT 3.1.1."""
    def text(value):
        return struct.pack(">H", len(value)) + value.encode()

    body = text("MQTT") + bytes([4, 0xC2, 0, 60]) + text(client_id) + text(user) + text(password)
    return bytes([0x10, len(body)]) + body


def gets_in(port, user, password):
    """Whether the right password was accepted."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S, source_address=(OTHER_ADDRESS, 0)) as tried:
            tried.sendall(connect_packet(f"right-{user}", user, password))
            answer = tried.recv(4)
            tried.sendall(b"\xe0\x00")
            return answer == b"\x20\x02\x00\x00"
    except OSError:
        return False


class RightClient(threading.Thread):
    """Comes in again and again, each time retried until it is in; `took` are the seconds that each took. Each try is another
    user's, since the server answers from memory where a password was right a moment ago: each needs a hash of its own."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.stopped, self.took, self.tries = port, threading.Event(), [], 0

    def run(self):
        while not self.stopped.wait(BETWEEN_S):
            began = time.monotonic()
            while True:
                tried = time.monotonic()
                user, password = door.other(self.tries)
                self.tries += 1
                if gets_in(self.port, user, password):
                    break
                if self.stopped.wait(max(0.0, tried + RETRY_S - time.monotonic())):
                    break
            self.took.append(time.monotonic() - began)

    def stop(self):
        self.stopped.set()
        self.join()


class Storm:
    """Begins with begin(), ends with end(); then `figures` are what it was."""

    def __init__(self, build_dir, server, arguments, cpus):
        self.build_dir, self.server, self.arguments, self.cpus = build_dir, server, arguments, cpus
        self.figures = None
        self.process = self.right = None

    def begin(self):
        self.process = generator.Run(self.build_dir, self.server, [*self.arguments, "--duration", "1h"], self.cpus,
                                     is_told_of_door=False)
        # It gives way to who measures: what is looked at is the server, and both share the generator's processor.
        os.setpriority(os.PRIO_PROCESS, self.process.process.pid, 10)
        self.right = RightClient(self.server.port)
        self.right.start()

    def end(self):
        self.right.stop()
        self.process.process.send_signal(signal.SIGINT)
        _, said = self.process.process.communicate(timeout=servers.END_SECONDS)
        if not self.process.file.exists():
            raise servers.BenchError(f"the storm did not run: {said.strip()}")
        result = json.loads(self.process.file.read_text())
        if result["failures"]:
            raise servers.BenchError(f"the storm: {'; '.join(result['failures'])}")
        if not self.right.took:
            raise servers.BenchError("the run was too short for the right password to be tried")
        self.figures = {"refusals_per_s": result["refusals_per_s"], "connections": result["connections"],
                        "busy_share": result["generator"]["busy_share"], "right_s": max(self.right.took),
                        "right_times": len(self.right.took)}

    def close(self):
        if self.right:
            self.right.stop()
        if self.process:
            self.process.end()
