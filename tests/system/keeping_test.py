"""What a server keeps, in exact bytes: sessions and what is in flight, topic aliases and identifiers, retained messages, wills."""

import unittest

import harness
import wire
from wire import V5, V311


class sessions(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def test_session_present(self):
        # Whether it is there is told since 3.1.1; the byte is reserved in 3.1.
        connects = {
            "3.1": ("10 0f  0006 4d5149736470 03 00 003c  0001 61", "20 02 00 00"),
            "3.1.1": ("10 0d  0004 4d515454 04 00 003c  0001 62", "20 02 01 00"),
            "5": ("10 13  0004 4d515454 05 00 003c 05 11 0000003c  0001 63", "20 0e  01 00  0b  21 0400  27 00100000  22 0040"),
        }
        for version, (connect, present) in connects.items():
            for expected in (present.replace("01 00", "00 00", 1), present):
                with self.subTest(version=version), wire.client(self.server.port) as client:
                    client.send(connect)
                    client.expect(expected)
                    client.ping()

    def test_what_was_not_acknowledged_comes_again_with_its_id(self):
        for version, empty in ((V311, ""), (V5, "00")):
            pairs = [("session_expiry_interval", 60)]
            with wire.connected(self.server.port, f"s{version}", version, clean=False, pairs=pairs) as client:
                client.send(wire.subscribe(1, [("a", 2)], version))
                client.packet(wire.SUBACK)
                with wire.connected(self.server.port, "p") as other:
                    other.send(wire.publish("a", "x", qos=1, packet_id=1) + wire.publish("a", "y", qos=2, packet_id=2))
                    size = "07" if empty else "06"
                    client.expect(f"32 {size} 0001 61 0001 {empty} 78  34 {size} 0001 61 0002 {empty} 79")
                client.send("50 02 0002")
                client.expect("62 02 0002")
                with wire.connected(self.server.port, f"s{version}", version, clean=False, pairs=pairs) as again:
                    found = {again.packet(): None, again.packet(): None}  # who is first is the server's own
                    self.assertEqual({(wire.PUBLISH, 0x0A), (wire.PUBREL, 2)}, {packet[:2] for packet in found})
                    self.assertEqual({b"\0\1a\0\1" + bytes.fromhex(empty) + b"x", b"\0\2"}, {bytes(packet.body) for packet in found})
                    again.send("40 02 0001 70 02 0002")
                    again.send(wire.unsubscribe(3, ["a"], version))
                    again.packet(wire.UNSUBACK)


class properties(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def test_a_topic_alias_of_a_publisher(self):
        with wire.connected(self.server.port, "s") as other, wire.connected(self.server.port, "p", V5) as client:
            other.subscribe("a", "b")
            for content, expected in (
                ("30 08  0001 61  03 230040  78", "30 04 0001 61 78"),
                ("30 07  0000     03 230040  79", "30 04 0001 61 79"),
                ("30 08  0001 62  03 230040  78", "30 04 0001 62 78"),  # the alias has another meaning now
                ("30 07  0000     03 230040  79", "30 04 0001 62 79"),
            ):
                client.send(content)
                other.expect(expected)

    def test_a_topic_alias_for_a_subscriber_that_takes_one(self):
        with wire.connected(self.server.port, "s", V5, pairs=[("topic_alias_maximum", 1)]) as client:
            client.subscribe("a", "b", qos=1)
            with wire.connected(self.server.port, "p") as other:
                for topic, payload, expected in (
                    ("a", "x", "30 08  0001 61  03 230001  78"), ("a", "y", "30 07  0000  03 230001  79"), ("b", "x", "30 05  0001 62  00  78"),
                ):
                    other.send(wire.publish(topic, payload))
                    client.expect(expected)
                other.send(wire.publish("a", "z", qos=1, packet_id=1))
                client.expect("32 09  0000 0001  03 230001  7a")

    def test_subscription_identifiers(self):
        with wire.connected(self.server.port, "s", V5) as client:
            client.send("82 09  0001  02 0b01  0001 61  00  82 0a  0002  03 0bc801  0001 2b  00")
            client.expect("90 04 0001 00 00  90 04 0002 00 00")
            with wire.connected(self.server.port, "p") as other:
                other.send(wire.publish("b", "x"))
                client.expect("30 08  0001 62  03 0bc801  78")
                other.send(wire.publish("a", "x"))
                found = client.message()
                self.assertEqual({("subscription_identifier", 1), ("subscription_identifier", 200)}, set(found.properties))
                self.assertEqual(2, len(found.properties))


class retained(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def keep(self, payload):
        with wire.connected(self.server.port, "p") as other:
            other.send(wire.publish("a", payload, qos=1, packet_id=1, flags=1))
            other.expect("40 02 0001")

    def test_a_new_subscriber_gets_it_and_one_that_is_there_the_message(self):
        for version, empty, size in ((V311, "", "04"), (V5, "00", "05")):
            with self.subTest(version=version), wire.connected(self.server.port, "s", version) as there:
                there.subscribe("a")
                self.keep("x")
                there.expect(f"30 {size} 0001 61 {empty} 78")
                with wire.connected(self.server.port, "t", version) as client:
                    client.subscribe("+")
                    client.expect(f"31 {size} 0001 61 {empty} 78")
                    client.ping()
                self.keep("")
                there.message()
                with wire.connected(self.server.port, "t", version) as client:
                    client.subscribe("+")
                    client.ping()

    def test_retain_handling(self):
        self.keep("x")
        with wire.connected(self.server.port, "s", V5) as client:
            for handling, comes in ((2, False), (1, False), (0, True), (0, True)):
                client.send(wire.subscribe(1, [("a", handling << 4)], V5))
                client.expect("90 04 0001 00 00")
                if comes:
                    client.expect("31 05 0001 61 00 78")
                client.ping()
            client.send(wire.subscribe(1, [("+", 1 << 4)], V5))
            client.expect("90 04 0001 00 00  31 05 0001 61 00 78")

    def test_retain_as_published(self):
        with wire.connected(self.server.port, "s", V5) as client:
            client.send(wire.subscribe(1, [("a", 1 << 3)], V5))
            client.expect("90 04 0001 00 00")
            self.keep("x")
            client.expect("31 05 0001 61 00 78")


class wills(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def test_a_will_comes_unless_the_client_said_goodbye(self):
        in_311 = wire.connect("w", flags=0x0C, rest=wire.data("a") + wire.data("x"))
        in_5 = wire.connect("w", V5, flags=0x0C, rest=wire.properties([("content_type", "t"), ("will_delay_interval", 0)]) + wire.data("a") + wire.data("x"))
        for version, connect, goodbye, comes in (
            (V311, in_311, "e0 00", False), (V5, in_5, "e0 00", False), (V5, in_5, "e0 01 04", True), (V311, in_311, "00 00", True),
            (V5, in_5, "", True), (V311, in_311, "", True),
        ):
            with self.subTest(version=version, goodbye=goodbye), wire.connected(self.server.port, "s", V5) as other:
                other.subscribe("a", qos=1)
                with wire.client(self.server.port, version) as client:
                    client.send(connect)
                    client.packet(wire.CONNACK)
                    client.send(goodbye)
                if comes:
                    other.expect("32 07 0001 61 0001 00 78" if version == V311 else "32 0b 0001 61 0001 04 03 0001 74 78")
                self.server.wait_for(lambda stats: stats["clients"] == 1, "the client has gone and is still counted")
                other.ping()
        self.assertEqual(4, self.server.stats()["wills"])


if __name__ == "__main__":
    harness.main()
