"""A subscriber is stopped (SIGSTOP) under load and goes on later: it gets every acknowledged message once and in order, and the
server needs no more memory for it than the log has.

HEADGATE_LONG=1 stops it for 20 s instead of 3 s. HEADGATE_PEER_SERVER=mosquitto runs the same against mosquitto.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
import unittest

import harness
import wire
from peers import servers

STOPPED_S = 20 if os.environ.get("HEADGATE_LONG") == "1" else 3
RATE = 4000  # messages a second
PAYLOAD = 100  # bytes
LOG_BYTES = 32 << 20
# Beside the log: output lent to clients, references of those who wait, the allocator's rest. Per message of the whole run it
# would be far more: 20 s are 80,000 messages.
CONSTANT_BYTES = 24 << 20


def payload(number):
    return (b"%08d" % number).ljust(PAYLOAD, b".")


class steady_publisher:
    """Publishes numbered QoS 1 messages at a steady rate and counts the acknowledgements, which come in order."""

    def __init__(self, port):
        self._client = wire.connected(port, "publisher")
        self._client.socket.setblocking(False)
        self.sent = self.acknowledged = 0
        self._received = bytearray()
        self._unsent = b""

    def run_for(self, seconds, each_tenth):
        """Sends what is due every few milliseconds; calls each_tenth ten times a second."""
        start, first, ticks = time.monotonic(), self.sent, 0
        while (passed := time.monotonic() - start) < seconds:
            due = first + int(passed * RATE) - self.sent
            if not self._unsent and due > 0 and self.sent - self.acknowledged < 20_000:
                self._unsent = b"".join(self._packet(self.sent + n) for n in range(due))
                self.sent += due
            self._move(0.005)
            if passed * 10 > ticks:
                ticks += 1
                each_tenth()

    def finish(self, more):
        """Sends so many more, and returns when all are acknowledged."""
        self._unsent += b"".join(self._packet(self.sent + n) for n in range(more))
        self.sent += more
        until = harness.deadline()
        while self.acknowledged < self.sent:
            self._move(0.1)
            if time.monotonic() > until:
                raise AssertionError(f"{self.acknowledged} of {self.sent} messages were acknowledged")
        self._client.socket.close()

    def _packet(self, number):
        return wire.publish("load", payload(number), qos=1, packet_id=number % 60_000 + 1)

    def _move(self, timeout):
        """Writes and reads what goes now."""
        opened = self._client.socket
        readable, writable, _ = select.select([opened], [opened] if self._unsent else [], [], timeout)
        if writable:
            self._unsent = self._unsent[opened.send(self._unsent) :]
        if readable:
            piece = opened.recv(65536)
            if not piece:
                raise AssertionError("the server closed the connection of the publisher")
            self._received += piece
            while (found := wire.split_packet(self._received)) is not None:
                wanted = (self.acknowledged % 60_000 + 1).to_bytes(2, "big")
                if found.type != wire.PUBACK or found.body != wanted:
                    raise AssertionError(f"expected PUBACK {wanted.hex()}, got {found}")
                self.acknowledged += 1


class subscriber:
    """A mosquitto_sub whose lines are read as they come, once it has subscribed."""

    def __init__(self, server):
        command = ["stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", str(server.port), "-V", "311", "-i", "stopped", "-k", "600",
                   "-q", "1", "-t", "load", "-t", "ready", "-F", "%p"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._output = harness.output_lines(self.process.stdout)

    def wait_until_ready(self, port):
        """A retained message would need more of the server, so this one is published until it comes."""
        with wire.connected(port, "asks") as asks:

            def heard():
                asks.send(wire.publish("ready", b"ready", qos=1, packet_id=1))
                asks.packet(wire.PUBACK)
                return "ready" in self._output.lines

            harness.eventually(heard, "mosquitto_sub did not subscribe")

    def numbers_up_to(self, last):
        """All numbers in the order in which they came."""
        found, until = [], harness.deadline(60)
        while not found or found[-1] != last:
            line = self._output.next(until, f"message {last} did not come, the last of {len(found)} was {found[-1:]}")
            if line is None:
                raise AssertionError("mosquitto_sub ended")
            if line != "ready":
                found.append(int(line[:8]))
        return found

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self._output.join()


class stopped_subscriber(unittest.TestCase):
    def watch(self, server):
        """Notes the memory and, of Headgate, the most that the counters of the stages ever said."""
        self.memory.append(servers.anonymous_memory_bytes(server.pid))
        if servers.IS_HEADGATE:
            stats = server.stats()
            for stage in self.most:
                self.most[stage] = max(self.most[stage], stats.get(stage, 0))

    def test_gets_everything_once_and_in_order(self):
        server = servers.start(f"log.memory_bytes={LOG_BYTES}")
        self.addCleanup(server.stop)
        self.memory, self.most = [], {"waiting": 0, "catching_up": 0}
        listening = subscriber(server)
        self.addCleanup(listening.end)
        listening.wait_until_ready(server.port)
        publisher = steady_publisher(server.port)
        publisher.run_for(0.5, lambda: self.watch(server))
        os.kill(listening.process.pid, signal.SIGSTOP)
        before = servers.anonymous_memory_bytes(server.pid)
        publisher.run_for(STOPPED_S, lambda: self.watch(server))
        os.kill(listening.process.pid, signal.SIGCONT)
        publisher.run_for(0.5, lambda: self.watch(server))
        publisher.finish(100)
        self.assertGreater(publisher.sent, STOPPED_S * RATE / 2, "the load was not what this test is about")
        self.assertEqual(list(range(publisher.sent)), listening.numbers_up_to(publisher.sent - 1))
        if servers.IS_HEADGATE:
            self.judge_headgate(server, before)

    def judge_headgate(self, server, before):
        for stage, most in self.most.items():
            self.assertGreater(most, 0, f"the subscriber never was in the stage {stage}; {server.stats()}")
        self.assertEqual(0, server.stats()["lost_below_log_start"])
        if not harness.is_sanitized():
            self.assertLess(max(self.memory) - before, LOG_BYTES + CONSTANT_BYTES)


if __name__ == "__main__":
    if servers.missing() or not (shutil.which("mosquitto_sub") and shutil.which("stdbuf")):
        print(f"skipped: {servers.missing() or 'mosquitto_sub must be installed: the package mosquitto-clients'}")
        sys.exit(harness.SKIPPED)
    sys.exit(0 if unittest.main(verbosity=2, exit=False).result.wasSuccessful() else 1)
