"""Debian's mosquitto_pub and mosquitto_sub, in MQTT 3.1.1 and 5: clients that know nothing of Headgate."""

import json
import re
import shutil
import subprocess
import threading
import unittest

import harness
import wire

PROTOCOLS = ("311", "5")
MISSING = [program for program in ("mosquitto_pub", "mosquitto_sub") if shutil.which(program) is None]
LINE = "%t|%q|%p"  # of a message: topic, QoS, payload


class subscriber:
    """A mosquitto_sub. It ends by itself when it was told how many messages to wait for (-C)."""

    def __init__(self, server, protocol, *arguments):
        self.command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(server.port), "-V", protocol, *arguments]
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._output = b""
        # Its output is read as it comes, or it would stop at a full pipe.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self.process.stdout as stream:
            self._output = stream.read()

    def output(self, status=0):
        """What it printed, once it has ended."""
        try:
            ended = self.process.wait(harness.DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{' '.join(self.command)} did not end in time; it printed {self._output[-2000:]}") from None
        self._reader.join(harness.DEADLINE_S)
        if ended != status:
            raise AssertionError(f"{' '.join(self.command)} ended with status {ended}: {self._output[-2000:]}")
        return self._output

    def lines(self):
        return self.output().decode().splitlines()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(harness.DEADLINE_S)


def publish(server, protocol, *arguments, content=None):
    """Runs mosquitto_pub to its end and gives what it printed."""
    command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(server.port), "-V", protocol, *arguments]
    try:
        done = subprocess.run(command, input=content or b"", capture_output=True, timeout=harness.DEADLINE_S, check=False)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"{' '.join(command)} did not end in time") from None
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with status {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


@unittest.skipIf(MISSING, f"{' and '.join(MISSING)} must be installed: the package mosquitto-clients")
class mosquitto(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def subscribe(self, protocol, *arguments, filters=1):
        """A mosquitto_sub; returns when the server has so many filters."""
        started = subscriber(self.server, protocol, *arguments)
        self.addCleanup(started.kill)
        self.server.wait_for(lambda stats: stats["filters"] == filters, "mosquitto_sub did not subscribe")
        return started

    def wait_for_nobody(self):
        self.server.wait_for(lambda stats: stats["clients"] == 0 and stats["filters"] == 0, "clients that left are still counted")

    def test_each_qos(self):
        for protocol in PROTOCOLS:
            for asked in (0, 1, 2):
                for sent in (0, 1, 2):
                    with self.subTest(protocol=protocol, subscribed=asked, published=sent):
                        listening = self.subscribe(protocol, "-d", "-C", "2", "-q", str(asked), "-t", "a/b", "-F", LINE)
                        for text in ("one", "two"):
                            publish(self.server, protocol, "-q", str(sent), "-t", "a/b", "-m", text)
                        lines = listening.lines()
                        self.assertIn(f"Subscribed (mid: 1): {asked}", lines)
                        wanted = [f"a/b|{min(asked, sent)}|{text}" for text in ("one", "two")]
                        self.assertEqual(wanted, [line for line in lines if line.startswith("a/b|")])
                        self.wait_for_nobody()

    def test_versions_mixed(self):
        old = self.subscribe("311", "-C", "2", "-q", "1", "-t", "t", "-F", LINE)
        new = self.subscribe("5", "-C", "2", "-q", "1", "-t", "+", "-F", LINE, filters=2)
        publish(self.server, "5", "-q", "1", "-t", "t", "-m", "new", "-D", "PUBLISH", "user-property", "k", "v")
        publish(self.server, "311", "-q", "1", "-t", "t", "-m", "old")
        for listening in (old, new):
            self.assertEqual(["t|1|new", "t|1|old"], listening.lines())

    def test_filters(self):
        topics = ["a", "a/b", "a/b/c", "a/x/c", "b", "/a", "a/", "$own/a", "$own", "a//c", "täglich/ü"]
        matching = {
            "a": ["a"], "a/b": ["a/b"], "täglich/+": ["täglich/ü"], "+": ["a", "b"], "a/+": ["a/b", "a/"], "+/b": ["a/b"],
            "a/+/c": ["a/b/c", "a/x/c", "a//c"], "+/+": ["a/b", "/a", "a/", "täglich/ü"], "/+": ["/a"], "#": [t for t in topics if t[0] != "$"],
            "a/#": ["a", "a/b", "a/b/c", "a/x/c", "a/", "a//c"], "+/a": ["/a"], "$own/#": ["$own/a", "$own"], "$own/+": ["$own/a"],
            "+/#": [t for t in topics if t[0] != "$"], "a/b/c/#": ["a/b/c"],
        }
        for protocol in PROTOCOLS:
            listening = {}
            for number, (text, wanted) in enumerate(matching.items(), 1):
                # One more message than there should be would come before the last, "end", which has a filter of its own.
                arguments = ("-C", str(len(wanted) + 1), "-q", "1", "-t", text, "-t", f"end/{number}/end/end", "-F", "%t")
                listening[text] = self.subscribe(protocol, *arguments, filters=2 * number)
            before = self.server.stats()["deliveries_out"]
            for topic in topics:
                publish(self.server, protocol, "-q", "1", "-t", topic, "-m", "x")
            total = sum(map(len, matching.values()))
            self.server.wait_for(lambda stats: stats["deliveries_out"] >= before + total, "some of the messages went to nobody")
            for number in range(1, len(matching) + 1):
                publish(self.server, protocol, "-q", "1", "-t", f"end/{number}/end/end", "-m", "x")
            for text, wanted in matching.items():
                with self.subTest(protocol=protocol, filter=text):
                    found = [topic for topic in listening[text].lines() if not topic.startswith("end/")]
                    self.assertEqual(self.server.in_order(wanted), self.server.in_order(found))
            self.assertEqual(before + total + len(matching), self.server.stats()["deliveries_out"])
            self.wait_for_nobody()

    def test_payloads_of_all_sizes(self):
        pattern = bytes(range(256)) * 4096
        for protocol in PROTOCOLS:
            header = len(wire.publish("t", b"", 5 if protocol == "5" else 4, qos=1, packet_id=1)) + 2
            for size in (0, 1, 2047, 2048, 64 * 1024, 100_000, 300_000, 1024 * 1024 - header):
                for qos in ("0", "1"):
                    with self.subTest(protocol=protocol, size=size, qos=qos):
                        listening = self.subscribe(protocol, "-C", "1", "-N", "-q", qos, "-t", "t")
                        source = ["-s"] if size else ["-n"]
                        publish(self.server, protocol, "-q", qos, "-t", "t", *source, content=pattern[:size])
                        self.assertTrue(listening.output() == pattern[:size], "another payload came than was sent")
                        self.wait_for_nobody()

    def test_many_messages_come_in_order(self):
        count = 1000
        content = "".join(f"{n}\n" for n in range(count)).encode()
        for protocol in PROTOCOLS:
            for qos in ("0", "1"):
                with self.subTest(protocol=protocol, qos=qos):
                    listening = [
                        self.subscribe(protocol, "-C", str(count), "-q", qos, "-t", text, filters=filters)
                        for filters, text in enumerate(("many", "+"), 1)
                    ]
                    publish(self.server, protocol, "-q", qos, "-t", "many", "-l", content=content)
                    for one in listening:
                        self.assertEqual([str(n) for n in range(count)], one.lines())
                    self.wait_for_nobody()
        stats = self.server.stats()
        self.assertEqual((0, 0), (stats["dropped_output_full"], stats["acknowledgements_unknown"]))

    def test_properties_pass_unchanged(self):
        properties = [
            ("payload-format-indicator", "1"), ("message-expiry-interval", "3600"), ("content-type", "text/plain"),
            ("response-topic", "answers/here"), ("correlation-data", "c0rr"), ("user-property", "b", "1"), ("user-property", "a", "2"),
            ("user-property", "b", "1"),
        ]
        arguments = [word for one in properties for word in ("-D", "PUBLISH", *one)]
        listening = self.subscribe("5", "-C", "1", "-q", "1", "-t", "t", "-F", "%F|%E|%C|%R|%D|%P|%p")
        as_json = self.subscribe("5", "-C", "1", "-q", "1", "-t", "+", "-F", "%j", filters=2)
        old = self.subscribe("311", "-C", "1", "-q", "1", "-t", "t/#", "-F", "%p", filters=3)
        publish(self.server, "5", "-q", "1", "-t", "t", "-m", "x", *arguments)
        self.assertEqual(["1|3600|text/plain|answers/here|c0rr|b:1 a:2 b:1|x"], listening.lines())
        found = json.loads(as_json.output())["properties"]
        self.assertEqual(("text/plain", "answers/here", 3600), (found["content-type"], found["response-topic"], found["message-expiry-interval"]))
        self.assertEqual(["x"], old.lines())

    def test_keep_alive_pings(self):
        listening = [self.subscribe(protocol, "-d", "-k", "5", "-W", "12", "-t", "t") for protocol in PROTOCOLS]
        for one in listening:
            self.assertIn("received PINGRESP", one.output(status=27).decode())  # 27: its time is over
        self.assertEqual(0, self.server.stats()["keep_alive_timeouts"])

    def test_the_same_client_id_takes_over_in_3_1_1(self):
        listening = self.subscribe("311", "-C", "1", "-q", "1", "-i", "same", "-t", "t", "-F", LINE)
        # It is just closed, so mosquitto_sub connects again after a second: when the other has gone, or it would be closed itself.
        with wire.connected(self.server.port, "same") as other:
            other.send(wire.goodbye())
            other.expect_closed()
        stats = self.server.wait_for(lambda stats: stats["filters"] == 1, "mosquitto_sub did not connect again")
        self.assertEqual(1, stats["takeovers"])
        publish(self.server, "311", "-q", "1", "-t", "t", "-m", "x")
        self.assertEqual(["t|1|x"], listening.lines())
        self.wait_for_nobody()

    def test_the_same_client_id_takes_over_in_5(self):
        listening = self.subscribe("5", "-d", "-i", "same", "-t", "t")
        publish(self.server, "5", "-q", "1", "-i", "same", "-t", "other", "-m", "x")
        # It was told why, so mosquitto_sub ends.
        self.assertIn(f"Received DISCONNECT ({0x8E})", listening.lines())
        self.assertEqual(1, self.server.stats()["takeovers"])
        self.wait_for_nobody()

    def test_clients_without_an_id(self):
        listening = {}
        for filters, protocol in enumerate(PROTOCOLS, 1):
            listening[protocol] = self.subscribe(protocol, "-d", "-C", "1", "-t", f"t{protocol}", "-F", LINE, filters=filters)
        for protocol, one in listening.items():
            publish(self.server, protocol, "-t", f"t{protocol}", "-m", "x")
            lines = one.lines()
            self.assertIn("Client null sending CONNECT", re.sub(r"\(null\)", "null", lines[0]))
            self.assertIn(f"t{protocol}|0|x", lines)
        self.assertEqual(0, self.server.stats()["takeovers"])

    def test_unsubscribe(self):
        for protocol in PROTOCOLS:
            with self.subTest(protocol=protocol):
                listening = self.subscribe(protocol, "-C", "1", "-q", "1", "-t", "left", "-t", "kept", "-U", "left", "-F", LINE)
                publish(self.server, protocol, "-q", "1", "-t", "left", "-m", "x")
                publish(self.server, protocol, "-q", "1", "-t", "kept", "-m", "y")
                self.assertEqual(["kept|1|y"], listening.lines())
                self.wait_for_nobody()


if __name__ == "__main__":
    harness.main()
