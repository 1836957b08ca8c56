"""What a server refuses: the reason that it gives in MQTT 5, and that it closes in 3.1.1 without another word."""

import unittest

import harness
import wire
from wire import V5, V311

MALFORMED, PROTOCOL_ERROR = 0x81, 0x82

# Packets after CONNECT that no client may send: what it is, its bytes in MQTT 5, the reason, its bytes in 3.1.1.
AFTER_CONNECT = [
    ("a reserved packet type", "00 00", MALFORMED, "00 00"),
    ("reserved flags", "c1 00", MALFORMED, "c1 00"),
    ("a Remaining Length of five bytes", "30 ff ff ff ff 01", MALFORMED, "30 ff ff ff ff 01"),
    ("a topic that reaches past the end", "30 03 0005 61", MALFORMED, "30 03 0005 61"),
    ("a topic that is not UTF-8", "30 05 0002 c328 00", MALFORMED, "30 04 0002 c328"),
    ("a topic with U+0000", "30 05 0002 6100 00", MALFORMED, "30 04 0002 6100"),
    ("QoS 3", "36 06 0001 61 0001 00", MALFORMED, "36 05 0001 61 0001"),
    ("an unknown property", "30 06 0001 61 02 0001", MALFORMED, None),
    ("properties past the end", "30 04 0001 61 05", MALFORMED, None),
    ("PINGREQ with a body", "c0 01 00", MALFORMED, "c0 01 00"),
    ("SUBSCRIBE with reserved option bits", "82 07 0001 00 0001 61 c0", MALFORMED, "82 06 0001 0001 61 40"),
    ("CONNECT twice", wire.connect("a", V5), PROTOCOL_ERROR, wire.connect("a")),
    ("a packet that only servers send", "d0 00", PROTOCOL_ERROR, "d0 00"),
    ("AUTH without authentication", "f0 00", PROTOCOL_ERROR, "f0 00"),
    ("QoS 1 with packet id 0", "32 06 0001 61 0000 00", PROTOCOL_ERROR, "32 05 0001 61 0000"),
    ("DUP with QoS 0", "38 04 0001 61 00", PROTOCOL_ERROR, "38 03 0001 61"),
    ("an empty topic", "30 03 0000 00", PROTOCOL_ERROR, "30 02 0000"),
    ("a property twice", "30 08 0001 61 04 0100 0100", PROTOCOL_ERROR, None),
    ("SUBSCRIBE without a filter", "82 03 0001 00", PROTOCOL_ERROR, "82 02 0001"),
    ("SUBSCRIBE with QoS 3", "82 07 0001 00 0001 61 03", PROTOCOL_ERROR, "82 06 0001 0001 61 03"),
    ("SUBSCRIBE with packet id 0", "82 07 0000 00 0001 61 00", PROTOCOL_ERROR, "82 06 0000 0001 61 00"),
    ("No Local on a shared subscription", wire.subscribe(1, [("$share/g/a", 4)], V5), PROTOCOL_ERROR, None),
    ("UNSUBSCRIBE without a filter", "a2 03 0001 00", PROTOCOL_ERROR, "a2 02 0001"),
    ("a topic with a wildcard", "30 04 0001 23 00", 0x90, "30 03 0001 23"),
    ("a filter that is none", "82 08 0001 00 0002 612b 00", 0x8F, "82 07 0001 0002 612b 00"),
    ("a topic alias above the Topic Alias Maximum", "30 07 0001 61 03 230041", 0x94, None),
    ("a topic alias without a meaning", "30 06 0000 03 230001", PROTOCOL_ERROR, None),
    ("topic alias 0", "30 07 0001 61 03 230000", 0x94, None),
    ("QoS 2 with packet id 0", "34 06 0001 61 0000 00", PROTOCOL_ERROR, "34 05 0001 61 0000"),
    ("PUBREL with other flags", "60 02 0001", MALFORMED, "60 02 0001"),
    ("PUBREC with packet id 0", "50 02 0000", PROTOCOL_ERROR, "50 02 0000"),
    ("PUBLISH with a subscription identifier", "30 06 0001 61 02 0b01", PROTOCOL_ERROR, None),
    ("subscription identifier 0", "82 09 0001 02 0b00 0001 61 00", PROTOCOL_ERROR, None),
    ("Retain Handling 3", "82 07 0001 00 0001 61 30", PROTOCOL_ERROR, None),
    ("a shared subscription without a group", wire.subscribe(1, [("$share//a", 0)], V5), 0x8F, None),
    ("DISCONNECT that makes a session last", "e0 07 00 05 11 0000000a", PROTOCOL_ERROR, None),
    ("a packet of more than 1 MiB", "30 fd ff 3f", 0x95, "30 fd ff 3f"),
]

# CONNECTs that are refused: what it is, its bytes, the CONNACK or None where the connection is just closed.
REFUSED_CONNECTS = [
    ("protocol level 3", V311, wire.connect("a", level=3), "20 02 00 01"),
    ("an empty client id without Clean Session", V311, wire.connect("", clean=False), "20 02 00 02"),
    ("a will below $SYS", V311, wire.connect("a", flags=4, rest=wire.data("$SYS/t") + wire.data("x")), "20 02 00 05"),
    ("Will QoS 3", V311, wire.connect("a", flags=0x1C, rest=wire.data("t") + wire.data("x")), None),
    ("a will for a filter", V311, wire.connect("a", flags=4, rest=wire.data("t/#") + wire.data("x")), None),
    ("another protocol name", V311, wire.connect("a", name="MQTX"), None),
    ("an empty client id in MQTT 3.1", V311, wire.connect("", level=3, name="MQIsdp"), "20 02 00 02"),
    ("the name of MQTT 3.1 with another level", V311, wire.connect("a", name="MQIsdp"), "20 02 00 01"),
    ("the reserved flag", V311, wire.connect("a", flags=1), None),
    ("a password without a user name", V311, wire.connect("a", flags=0x40, rest=wire.data("x")), None),
    ("Will QoS without a will", V311, wire.connect("a", flags=8), None),
    ("a client id that is not UTF-8", V311, wire.connect(b"\xc3\x28"), None),
    ("a client id past the end", V311, bytes.fromhex("10 0d 0004 4d515454 04 02 003c 0005 61"), None),
    ("bytes behind the last field", V311, wire.connect("a", rest=b"x"), None),
    ("protocol level 6", V5, wire.connect("a", V5, level=6), 0x84),
    ("the reserved flag", V5, wire.connect("a", V5, flags=1), MALFORMED),
    ("Receive Maximum 0", V5, wire.connect("a", V5, pairs=[("receive_maximum", 0)]), PROTOCOL_ERROR),
    ("a property twice", V5, wire.connect("a", V5, pairs=[("receive_maximum", 9)] * 2), PROTOCOL_ERROR),
    ("a property of other packets", V5, wire.connect("a", V5, pairs=[("topic_alias", 1)]), MALFORMED),
    ("a client id past the end", V5, bytes.fromhex("10 0e 0004 4d515454 05 02 003c 00 0005 61"), MALFORMED),
    ("an authentication method", V5, wire.connect("a", V5, pairs=[("authentication_method", "SCRAM")]), 0x8C),
    ("a will below $SYS", V5, wire.connect("a", V5, flags=4, rest=b"\0" + wire.data("$SYS/t") + wire.data("x")), 0x87),
    ("Will QoS 3", V5, wire.connect("a", V5, flags=0x1C, rest=b"\0" + wire.data("t") + wire.data("x")), MALFORMED),
    ("a will for a filter", V5, wire.connect("a", V5, flags=4, rest=b"\0" + wire.data("t/#") + wire.data("x")), 0x90),
]


class after_connect(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def refuse(self, version, content, reason):
        with wire.connected(self.server.port, "evil", version) as client:
            client.send(content)
            client.expect_disconnect(reason)

    def test_wrong_packets(self):
        refused = 0
        for what, in_5, reason, in_311 in AFTER_CONNECT:
            for version, content in ((V5, in_5), (V311, in_311)):
                if content is None:
                    continue
                refused += 1
                with self.subTest(what, version=version):
                    self.refuse(version, content, reason)
        stats = self.server.wait_for(lambda stats: stats["clients"] == 0, "clients that were closed are still counted")
        self.assertEqual(refused, stats["refused_malformed"])

    def test_the_reason_comes_with_words_unless_the_client_takes_no_packet_so_large(self):
        for pairs, expected in (((), True), ([("maximum_packet_size", 20)], False)):
            with wire.client(self.server.port, V5) as client:
                client.send(wire.connect("a", V5, pairs=pairs) + bytes.fromhex("36 06 0001 61 0001 00"))
                while (found := client.packet()).type != wire.DISCONNECT:
                    pass
                self.assertEqual(expected, b"QoS 3" in found.body)

    def test_what_comes_behind_a_wrong_packet_is_not_handled(self):
        with wire.connected(self.server.port, "good") as other:
            other.subscribe("t")
            for version in wire.VERSIONS:
                with wire.connected(self.server.port, "evil", version) as client:
                    client.send(wire.publish("t", "before", version) + b"\0\0" + wire.publish("t", "after", version))
                    client.expect_disconnect(MALFORMED)
                self.assertEqual(b"before", other.message().payload)
            other.ping()

    def test_more_of_qos_2_than_the_receive_maximum(self):
        with wire.connected(self.server.port, "a", V5) as client:
            client.send(b"".join(wire.publish("t", "x", V5, qos=2, packet_id=n) for n in range(1, 1025)))
            client.expect(b"".join(wire.pubrec(n) for n in range(1, 1025)))
            client.send(wire.pubrel(1) + wire.publish("t", "x", V5, qos=2, packet_id=1025))
            client.expect(wire.pubcomp(1) + wire.pubrec(1025))
            client.send(wire.publish("t", "x", V5, qos=2, packet_id=1026))
            client.expect_disconnect(0x93)

    def test_nobody_may_publish_below_sys(self):
        for version, puback, pubrec in ((V5, "40 03 0001 87", "50 03 0002 87"), (V311, "40 02 0001", "50 02 0002")):
            with self.subTest(version=version), wire.connected(self.server.port, "a", version) as client:
                client.subscribe("$SYS/t", qos=2)
                client.send(wire.publish("$SYS/t", "x", version))
                client.send(wire.publish("$SYS/t", "x", version, qos=1, packet_id=1))
                client.expect(puback)
                client.send(wire.publish("$SYS/t", "x", version, qos=2, packet_id=2))
                client.expect(pubrec)
                client.ping()
        self.assertEqual(6, self.server.stats()["publishes_refused"])

    def test_another_connection_with_the_same_client_id_takes_over(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.connected(self.server.port, f"same-{version}", version) as older:
                older.subscribe("t")
                with wire.connected(self.server.port, f"same-{version}", version) as newer:
                    older.expect_disconnect(0x8E)
                    newer.send(wire.publish("t", "x", version))
                    newer.ping()  # the subscription ended with its session
        self.assertEqual(2, self.server.stats()["takeovers"])

    def test_the_limit_of_subscriptions(self):
        server = harness.start(self, "limits.max_subscriptions=2")
        with wire.connected(server.port, "a", V5) as client:
            self.assertEqual("00010000009 7".replace(" ", ""), client.subscribe("a", "b", "c").body.hex())


class before_connect(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def test_another_packet_first_closes(self):
        for version in wire.VERSIONS:
            for content in (wire.PING, wire.publish("t", "x", version), wire.subscribe(1, "t", version), wire.goodbye(), b"GET / HTTP/1.1\r\n\r\n"):
                with self.subTest(version=version, content=content), wire.client(self.server.port) as client:
                    client.send(content)
                    client.expect_closed()

    def test_refused_connects(self):
        for what, version, content, answer in REFUSED_CONNECTS:
            with self.subTest(what, version=version), wire.client(self.server.port, version) as client:
                client.send(content)
                if version == V5:
                    self.assertEqual(bytes([0, answer]), client.packet(wire.CONNACK).body[:2])
                elif answer:
                    client.expect(answer)
                client.expect_closed()
        stats = self.server.stats()
        self.assertEqual((0, 0), (stats["clients"], stats["connects"]))
        self.assertEqual(len(REFUSED_CONNECTS), stats["refused_connects"] + stats["refused_malformed"])


class silence(unittest.TestCase):
    def test_who_never_connects_is_closed(self):
        server = harness.start(self, "limits.connect_timeout_s=1")
        with wire.client(server.port) as silent, wire.client(server.port) as half:
            half.send(wire.connect("a")[:5])
            silent.expect_closed()
            half.expect_closed()
        self.assertEqual(2, server.stats()["connect_timeouts"])

    def test_who_is_silent_for_too_long_is_closed(self):
        server = harness.start(self)
        with wire.connected(server.port, "old", keep_alive_s=1) as old, wire.connected(server.port, "new", V5, keep_alive_s=1) as new:
            with wire.connected(server.port, "never") as never:
                old.expect_disconnect(None)
                new.expect_disconnect(0x8D)
                never.ping()
        self.assertEqual(2, server.stats()["keep_alive_timeouts"])


if __name__ == "__main__":
    harness.main()
