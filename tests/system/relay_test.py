"""The relay between a real server and its clients: what a client sees of each fault, and that each is reported."""

import signal
import socket
import subprocess
import time
import unittest

import harness
import relay
import wire
from wire import V5, V311


def bits_that_differ(one, other):
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))


class faults(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)
        self.relay = relay.start(self, self.server)
        self.publisher = wire.connected(self.server.port, "publisher")
        self.addCleanup(self.publisher.socket.close)

    def subscriber(self, client_id="subscriber", version=V311, qos=0):
        client = wire.connected(self.relay.port, client_id, version)
        self.addCleanup(client.socket.close)
        client.subscribe("t", qos=qos)
        return client

    def publish(self, *payloads):
        self.publisher.send(b"".join(wire.publish("t", payload) for payload in payloads))
        self.publisher.ping()

    def one_fault(self, kind, **expected):
        found = self.relay.faults()
        self.assertEqual(1, len(found), found)
        self.assertEqual(kind, found[0]["fault"])
        self.assertEqual(expected, {name: found[0].get(name) for name in expected})
        return found[0]

    def expect(self, client, *payloads):
        """These come, and nothing else has come before the answer to a PINGREQ."""
        self.assertEqual([payload.encode() for payload in payloads], [client.message().payload for _ in payloads])
        client.ping()

    def test_nothing_changes_without_a_command(self):
        for version in wire.VERSIONS:
            client = self.subscriber(f"a-{version}", version, qos=1)
            with wire.connected(self.relay.port, f"b-{version}", version) as other:
                for n in range(1, 100):
                    other.send(wire.publish("t", b"x" * n, version, qos=1, packet_id=n))
                    self.assertEqual(b"x" * n, client.message().payload)
                    other.packet(wire.PUBACK)
        self.assertEqual([], self.relay.faults())

    def test_drop(self):
        client = self.subscriber()
        self.relay.tell("drop publish down nth 2")
        self.publish("1", "2", "3")
        self.expect(client, "1", "3")
        self.one_fault("drop", client="subscriber", direction="down", packet="PUBLISH", topic="t", payload=1, nth=2)

    def test_the_last_message_of_a_publisher(self):
        client = self.subscriber()
        self.relay.tell("drop publish down nth 1000")
        self.publish(*(str(n) for n in range(1, 1001)))
        self.expect(client, *(str(n) for n in range(1, 1000)))
        self.assertEqual(1000, self.relay.wait_for_faults(1)[0]["nth"])
        client.ping()

    def test_duplicate(self):
        client = self.subscriber()
        self.relay.tell("duplicate publish")
        self.publish("1", "2")
        self.expect(client, "1", "1", "2")
        self.one_fault("duplicate", nth=1)

    def test_swap(self):
        client = self.subscriber()
        self.relay.tell("swap publish")
        self.publish("1", "2", "3")
        self.expect(client, "2", "1", "3")
        self.one_fault("swap", nth=1)

    def test_corrupt_the_payload(self):
        client = self.subscriber()
        self.relay.tell("corrupt publish down")
        self.publish("12345678", "next")
        found = client.message().payload
        self.assertEqual(1, bits_that_differ(b"12345678", found))
        self.assertEqual(b"next", client.message().payload)
        made = self.one_fault("corrupt", part="payload")
        self.assertEqual(1 << made["bit"], b"12345678"[made["byte"]] ^ found[made["byte"]])

    def test_corrupt_the_topic(self):
        client = self.subscriber()
        self.relay.tell("corrupt publish topic")
        self.publish("x")
        self.assertEqual(1, bits_that_differ(b"t", client.message().topic.encode()))

    def test_a_lost_puback(self):
        with wire.connected(self.relay.port, "a", V5) as client:
            self.relay.tell("drop puback client a")
            client.send(wire.publish("q", "1", V5, qos=1, packet_id=7) + wire.publish("q", "2", V5, qos=1, packet_id=8))
            self.assertEqual(8, wire.cursor(client.packet(wire.PUBACK).body).number("H"))
        self.one_fault("drop", packet="PUBACK", id=7, direction="down")

    def test_cut(self):
        client, other = self.subscriber("a"), self.subscriber("b")
        self.assertEqual("1 connection cut", self.relay.tell("cut client a"))
        with self.assertRaises(ConnectionResetError):
            client.packet()
        self.publish("x")
        self.assertEqual(b"x", other.message().payload)
        self.one_fault("cut", client="a")
        self.server.wait_for(lambda stats: stats["clients"] == 2, "the server kept the client that was cut")

    def test_half_close(self):
        client = self.subscriber()
        with wire.connected(self.server.port, "direct") as direct:
            direct.subscribe("from-below")
            self.relay.tell("half-close down")
            client.expect_closed()
            client.send(wire.publish("from-below", "still heard"))
            self.assertEqual(b"still heard", direct.message().payload)
        self.one_fault("half-close", direction="down")

    def test_stall(self):
        client = self.subscriber()
        begin = time.monotonic()
        self.relay.tell("stall 300ms")
        self.publish("x")
        self.assertEqual(b"x", client.message().payload)
        self.assertGreaterEqual(time.monotonic() - begin, 0.29)
        self.one_fault("stall")

    def test_refuse_and_black_hole(self):
        self.relay.tell("refuse times 1")
        with wire.client(self.relay.port) as client:
            client.expect_closed_or_reset()
        self.relay.tell("black-hole connection 2")
        with wire.client(self.relay.port) as client:
            client.send(wire.connect("nobody"))
            self.assertEqual(["refuse", "black-hole", "black-hole"], [each["fault"] for each in self.relay.wait_for_faults(3)])
            harness.eventually(lambda: self.relay.stats()["up"]["packets"] == 1, "the black hole took nothing")
        self.subscriber().ping()

    def test_the_sums_at_the_end(self):
        client = self.subscriber()
        self.relay.tell("drop publish down every 2")
        self.publish(*("x" for _ in range(10)))
        self.expect(client, *"xxxxx")
        self.relay.wait_for_faults(5)
        sums = self.relay.stop()
        self.assertEqual({"drop": 5}, sums["faults"])
        self.assertEqual((1, 10), (sums["connections"], sums["down"]["publishes"]))


class command_line(unittest.TestCase):
    def run_relay(self, *arguments, **options):
        return subprocess.run(
            [relay.binary(), "relay", *arguments], capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False, **options,
        )

    def test_the_same_seed_makes_the_same_faults(self):
        server = harness.start(self)
        reports = []
        for _ in range(2):
            between = relay.relay(server.port, "drop publish down probability 0.1", seed=7)
            with wire.connected(between.port, "a") as client:
                client.subscribe("t")
                client.send(b"".join(wire.publish("t", str(n)) for n in range(500)))
                harness.eventually(lambda: between.stats()["down"]["publishes"] == 500, "not all messages passed")
                reports.append([each["nth"] for each in between.faults()])
            between.stop()
        self.assertEqual(reports[0], reports[1])
        self.assertTrue(20 < len(reports[0]) < 90, reports[0])

    def test_wrong_options(self):
        for arguments, sentence in [
            (("--target", "nowhere"), "'nowhere' is no address with a port; write for example 127.0.0.1:1883"),
            (("--target", "127.0.0.1:1", "--do", "dorp"), "--do 'dorp': 'dorp' is no command"),
            (("--target", "127.0.0.1:1", "--for", "5x"), "write for example --for 30s"),
        ]:
            found = self.run_relay(*arguments, stdin=subprocess.DEVNULL)
            self.assertEqual((2, ""), (found.returncode, found.stdout))
            self.assertIn(sentence, found.stderr)

    def test_help_says_what_options_take(self):
        text = self.run_relay("--help").stdout
        for words in ("--target HOST:PORT", "--do COMMAND"):
            self.assertIn(words, text)

    def test_an_output_that_takes_no_more_is_an_error(self):
        arguments = [relay.binary(), "relay", "--target", "127.0.0.1:1", "--for", "20"]
        with open("/dev/full", "w", encoding="utf-8") as full:
            found = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True,
                                   timeout=harness.DEADLINE_S, check=False)
        self.assertEqual(2, found.returncode)
        self.assertIn("standard output takes no more: No space left on device", found.stderr)
        closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                timeout=harness.DEADLINE_S, check=False)
        self.assertEqual(2, closed.returncode)
        self.assertIn("standard output takes no more", closed.stderr)

    def test_a_dead_target_is_told_once(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))  # and nobody listens
            target = f"127.0.0.1:{free.getsockname()[1]}"
            process = subprocess.Popen([relay.binary(), "relay", "--json", "--target", target], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            self.addCleanup(process.kill)
            port = int(relay.HELLO.match(process.stdout.readline())[2])
            for _ in range(3):
                try:
                    with wire.client(port) as client:
                        client.expect_closed_or_reset()
                except ConnectionResetError:
                    pass  # the relay was faster than connect()
            output, errors = process.communicate("quit\n", timeout=harness.DEADLINE_S)
        self.assertEqual(0, process.returncode)
        self.assertEqual(1, len(errors.splitlines()), errors)
        self.assertIn(f"the server {target} cannot be reached: Connection refused", errors)
        self.assertIn('"failed_connects":3', output)

    def test_who_is_not_there_is_an_error(self):
        found = self.run_relay("--target", "127.0.0.1:1", input="cut connection 99\ndelay 0.5\nquit\n")
        lines = found.stdout.splitlines()
        self.assertEqual("error there is no connection 99 yet: 0 connections came", lines[1])
        self.assertIn("ok rule 1: delay 500ms, of all connections", lines)

    def test_wrong_commands_are_answered(self):
        found = self.run_relay("--target", "127.0.0.1:1", input="dorp\nquit\n")
        self.assertEqual(0, found.returncode)
        lines = found.stdout.splitlines()
        self.assertRegex(lines[0], r"^relay listening on 127\.0\.0\.1:\d+, to 127\.0\.0\.1:1$")
        self.assertIn("error 'dorp' is no command", lines[1])
        self.assertEqual("ok ending", lines[2])
        self.assertTrue(lines[3].startswith("sums: connections 0"), lines)

    def test_the_end_of_input_does_not_end_it_but_time_and_signals_do(self):
        self.assertEqual(0, self.run_relay("--target", "127.0.0.1:1", "--for", "50ms", stdin=subprocess.DEVNULL).returncode)
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([relay.binary(), "relay", "--target", "127.0.0.1:1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
            self.assertIn("listening", process.stdout.readline())
            process.send_signal(number)
            self.assertIn("sums: ", process.communicate(timeout=harness.DEADLINE_S)[0])
            self.assertEqual(0, process.returncode)


if __name__ == "__main__":
    harness.main()
