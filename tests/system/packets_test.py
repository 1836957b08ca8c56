"""Conversations in exact bytes that go well: what a client sends, and what it must get back, in MQTT 3.1, 3.1.1 and 5."""

import signal
import unittest

import harness
import wire
from wire import V5, V311


class connecting(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def test_connack_of_3_1_1(self):
        with wire.client(self.server.port) as client:
            client.send("10 0d  0004 4d515454 04 02 003c  0001 61")
            client.expect("20 02 00 00")

    def test_connack_of_3_1(self):
        with wire.client(self.server.port) as client:
            client.send("10 0f  0006 4d5149736470 03 02 003c  0001 61")
            client.expect("20 02 00 00")
            client.send("82 06 0001 0001 61 02")
            client.expect("90 03 0001 02")
            client.send("30 04 0001 61 78")
            client.expect("30 04 0001 61 78")

    def test_connack_of_5_says_what_the_server_takes(self):
        with wire.client(self.server.port, V5) as client:
            client.send("10 0e  0004 4d515454 05 02 003c 00  0001 61")
            # Receive Maximum 1,024, Maximum Packet Size 1 MiB, Topic Alias Maximum 64. All else is as the standard has it.
            client.expect("20 0e  00 00  0b  21 0400  27 00100000  22 0040")

    def test_response_information_is_a_topic_of_the_clients_own(self):
        for asked, expected in ((0, None), (1, "response/a")):
            with self.subTest(asked=asked), wire.client(self.server.port, V5) as client:
                client.send(wire.connect("a", V5, pairs=[("request_response_information", asked)]))
                pairs = dict(wire.cursor(client.packet(wire.CONNACK).body[2:]).properties())
                self.assertEqual(expected, pairs.get("response_information"))

    def test_an_empty_client_id_gets_one(self):
        with wire.connected(self.server.port, "") as one, wire.client(self.server.port, V5) as two:
            two.send(wire.connect("", V5))
            pairs = dict(wire.cursor(two.packet(wire.CONNACK).body[2:]).properties())
            self.assertRegex(pairs["assigned_client_identifier"], r"^\S{8,}$")
            # Two of them are two clients: neither takes the other's session over.
            with wire.connected(self.server.port, "", V5) as three:
                for client in (one, two, three):
                    client.ping()
            self.assertEqual(0, self.server.stats()["takeovers"])

    def test_goodbye_closes(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.connected(self.server.port, "a", version) as client:
                client.send("e0 00")
                client.expect_closed()
        self.server.wait_for(lambda stats: stats["clients"] == 0, "clients that said goodbye are still counted")

    def test_bytes_before_the_connack_are_handled_after_it(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.client(self.server.port, version) as client:
                client.send(wire.connect("a", version) + wire.subscribe(1, "t", version) + wire.publish("t", "x", version) + wire.PING)
                self.assertEqual(wire.CONNACK, client.packet().type)
                types = [client.packet().type for _ in range(3)]
                types.remove(wire.PINGRESP)  # its place among the answers is its own
                self.assertEqual([wire.SUBACK, wire.PUBLISH], types)


class talking(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def test_qos_0_and_1_in_exact_bytes_of_3_1_1(self):
        with wire.connected(self.server.port, "a") as client:
            client.send("82 0a 0001  0001 61 00  0001 62 01")
            client.expect("90 04 0001 00 01")
            client.send("30 05 0001 61 7879")
            client.expect("30 05 0001 61 7879")
            client.send("32 06 0001 62 1234 78")
            # The delivery has a packet id of its own. Subscribers are served before publishers get their PUBACK or after.
            both = {client.packet().type: None, client.packet().type: None}
            self.assertEqual({wire.PUBLISH, wire.PUBACK}, set(both))

    def test_puback_has_the_publishers_packet_id(self):
        for version, expected in ((V311, "40 02 1234"), (V5, "40 02 1234")):
            with self.subTest(version=version), wire.connected(self.server.port, "p", version) as client:
                client.send(wire.publish("t", "x", version, qos=1, packet_id=0x1234))
                client.expect(expected)

    def test_a_delivery_in_exact_bytes_of_5(self):
        with wire.connected(self.server.port, "a", V5) as client:
            client.send("82 07 0007 00  0001 61 01")
            client.expect("90 04 0007 00 01")
            with wire.connected(self.server.port, "b") as other:
                other.send("32 06 0001 61 0009 78")
                other.expect("40 02 0009")
            client.expect("32 07 0001 61 0001 00 78")
            client.send("40 02 0001")
            client.ping()
            stats = self.server.stats()
            self.assertEqual((1, 0), (stats["acknowledgements_in"], stats["acknowledgements_unknown"]))

    def test_suback_grants_one_reason_a_filter(self):
        with wire.connected(self.server.port, "a") as client:
            client.send(wire.subscribe(5, [("a", 0), ("b/+", 1), ("c/#", 2), ("$share/g/b", 2)]))
            client.expect("90 06 0005 00 01 02 02")
        with wire.connected(self.server.port, "a", V5) as client:
            client.send(wire.subscribe(5, [("a", 0), ("$share/g/b", 1), ("c/#", 2)], V5))
            client.expect("90 06 0005 00 00 01 02")

    def test_suback_comes_before_deliveries(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.connected(self.server.port, "busy") as publisher:
                with wire.connected(self.server.port, "s", version) as client:
                    publisher.send(wire.publish("t", "before") * 100)
                    client.send(wire.subscribe(1, [("t", 0)], version))
                    publisher.send(wire.publish("t", "after") * 100)
                    self.assertEqual(wire.SUBACK, client.packet().type)
                    publisher.send(wire.publish("t", "last"))
                    while client.message().payload != b"last":
                        pass

    def test_unsuback(self):
        with wire.connected(self.server.port, "a") as client:
            client.subscribe("a", "b")
            client.send(wire.unsubscribe(0x0102, ["a", "none"]))
            client.expect("b0 02 0102")
            client.send(wire.publish("a", "x") + wire.publish("b", "y"))
            self.assertEqual("b", client.message().topic)
        with wire.connected(self.server.port, "a", V5) as client:
            client.subscribe("a")
            client.send(wire.unsubscribe(0x0102, ["a", "none"], V5))
            client.expect("b0 05 0102 00 00 11")

    def test_pingresp(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.connected(self.server.port, "a", version) as client:
                client.send("c0 00 c0 00")
                client.expect("d0 00 d0 00")

    def test_a_subscription_made_again_replaces_the_old_one(self):
        with wire.connected(self.server.port, "a") as client:
            client.subscribe("t", qos=1)
            client.subscribe("t", qos=0)
            client.send(wire.publish("t", "x", qos=1, packet_id=1))
            found = [client.packet(), client.packet()]
            deliveries = [wire.as_message(packet) for packet in found if packet.type == wire.PUBLISH]
            self.assertEqual([0], [delivery.qos for delivery in deliveries])

    def test_overlapping_filters_give_one_copy_at_the_best_qos(self):
        with wire.connected(self.server.port, "a") as client:
            client.send(wire.subscribe(1, [("a/b", 0), ("a/+", 1), ("#", 0)]))
            client.packet(wire.SUBACK)
            with wire.connected(self.server.port, "b") as other:
                other.send(wire.publish("a/b", "x", qos=1, packet_id=1))
                self.assertEqual(1, client.message().qos)
                other.packet(wire.PUBACK)
            client.ping()

    def test_no_local_of_5(self):
        with wire.connected(self.server.port, "a", V5) as client, wire.connected(self.server.port, "b", V5) as other:
            client.send(wire.subscribe(1, [("t", 4)], V5))
            client.packet(wire.SUBACK)
            client.send(wire.publish("t", "own", V5))
            client.ping()
            other.send(wire.publish("t", "other", V5))
            self.assertEqual(b"other", client.message().payload)

    def test_maximum_packet_size_and_receive_maximum_of_the_client(self):
        limits = [("maximum_packet_size", 64), ("receive_maximum", 1)]
        with wire.connected(self.server.port, "a", V5, pairs=limits) as client, wire.connected(self.server.port, "b") as other:
            client.subscribe("t", qos=1)
            for number, size in enumerate((10, 100, 11), 1):
                other.send(wire.publish("t", b"x" * size, qos=1, packet_id=number))
                other.packet(wire.PUBACK)
            first = client.message()
            client.ping()  # nothing more while the first is not acknowledged
            client.send(wire.puback(first.packet_id))
            self.assertEqual(11, len(client.message().payload))
            self.assertEqual(1, self.server.stats()["dropped_too_large"])


class exactly_once(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def test_a_publisher_of_3_1_1(self):
        with wire.connected(self.server.port, "s") as other, wire.connected(self.server.port, "p") as client:
            other.subscribe("a")
            client.send("34 06 0001 61 1234 78")
            client.expect("50 02 1234")
            client.send("3c 06 0001 61 1234 78")  # again, since its PUBREC might have been lost
            client.expect("50 02 1234")
            client.send("62 02 1234")
            client.expect("70 02 1234")
            client.send("62 02 1234")  # again, since its PUBCOMP might have been lost
            client.expect("70 02 1234")
            client.send("34 06 0001 61 1234 79")  # the id is free
            client.expect("50 02 1234")
            other.expect("30 04 0001 61 78  30 04 0001 61 79")
            other.ping()
            self.assertEqual(1, self.server.stats()["publishes_repeated"])

    def test_a_publisher_of_5(self):
        with wire.connected(self.server.port, "p", V5) as client:
            client.send("34 07 0001 61 1234 00 78")
            client.expect("50 02 1234")
            client.send("62 04 1234 00 00")
            client.expect("70 02 1234")
            client.send("62 02 1234")  # Packet Identifier not found
            client.expect("70 03 1234 92")

    def subscriber(self, version):
        client = wire.connected(self.server.port, "s", version)
        client.send(wire.subscribe(1, [("a", 2)], version))
        client.expect("90 03 0001 02" if version == V311 else "90 04 0001 00 02")
        return client

    def publish(self, payload):
        with wire.connected(self.server.port, "p") as other:
            other.send(wire.publish("a", payload, qos=2, packet_id=9))
            other.expect("50 02 0009")
            other.send("62 02 0009")
            other.expect("70 02 0009")

    def test_a_subscriber(self):
        for version, properties, unknown in ((V311, "", "62 02 0077"), (V5, "00", "62 03 0077 92")):
            with self.subTest(version=version), self.subscriber(version) as client:
                size = "07" if properties else "06"
                self.publish("x")
                client.expect(f"34 {size} 0001 61 0001 {properties} 78")
                client.send("50 02 0001")
                client.expect("62 02 0001")
                client.send("50 02 0001")  # again, since the PUBREL might have been lost
                client.expect("62 02 0001")
                client.send("70 02 0001")
                self.publish("y")
                client.expect(f"34 {size} 0001 61 0002 {properties} 79")
                client.send("50 02 0077 40 02 0077 70 02 0077")  # an id that is not in flight
                client.expect(unknown)
                client.ping()

    def test_a_subscriber_that_refuses_a_message_is_done_with_it(self):
        with self.subscriber(V5) as client:
            self.publish("x")
            client.expect("34 07 0001 61 0001 00 78")
            client.send("50 03 0001 97")
            client.ping()  # no PUBREL
            client.send("50 02 0001")
            client.expect("62 03 0001 92")

    def test_more_than_the_receive_maximum_of_3_1_1(self):
        with wire.connected(self.server.port, "p") as client:
            client.send(b"".join(wire.publish("a", "x", qos=2, packet_id=n) for n in range(1, 3001)))
            client.expect(b"".join(wire.pubrec(n) for n in range(1, 3001)))

    def test_all_of_the_receive_maximum_sent_again(self):
        for version, again in ((V311, wire.connect("p", clean=False)), (V5, wire.connect("p", V5, False, pairs=[("session_expiry_interval", 60)]))):
            publishes = [b"".join(wire.publish("a", "x", version, 2, n, flags=dup) for n in range(1, 1025)) for dup in (0, 8)]
            with self.subTest(version=version), wire.client(self.server.port, version) as client:
                client.send(again + publishes[0])
                client.packet(wire.CONNACK)
                client.expect(b"".join(wire.pubrec(n) for n in range(1, 1025)))
                with wire.client(self.server.port, version) as back:
                    back.send(again + publishes[1])
                    self.assertEqual(1, back.packet(wire.CONNACK).body[0])
                    back.expect(b"".join(wire.pubrec(n) for n in range(1, 1025)))
                    back.send(wire.pubrel(1024))
                    back.expect(wire.pubcomp(1024))


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


class framing(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def conversation(self, version):
        """What a client sends, and the number of packets that it gets."""
        publish = wire.publish("a/b", "payload", version, qos=1, packet_id=9, pairs=[("content_type", "text")])
        # A client that does not wait for its SUBACK may miss what it publishes meanwhile if several shards have to take the filter.
        filters = [("a/+" if self.server.shards == 1 else "a/b", 1)]
        sent = wire.connect("a", version) + wire.subscribe(1, filters, version) + publish
        return sent + wire.PING + wire.unsubscribe(2, ["b/+"], version) + wire.PING, 7

    def test_packets_may_come_byte_by_byte(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.client(self.server.port, version) as client:
                sent, answers = self.conversation(version)
                for byte in sent:
                    client.send(bytes([byte]))
                types = [client.packet().type for _ in range(answers)]
                wanted = [wire.CONNACK, wire.SUBACK, wire.PUBLISH, wire.PUBACK, wire.PINGRESP, wire.UNSUBACK, wire.PINGRESP]
                self.assertEqual(sorted(wanted), sorted(types))

    def test_packets_may_be_split_anywhere(self):
        for version in wire.VERSIONS:
            sent, answers = self.conversation(version)
            for at in range(1, len(sent), 3):
                with self.subTest(version=version, split=at), wire.client(self.server.port, version) as client:
                    client.send(sent[:at])
                    self.server.stats()  # a turn has passed
                    client.send(sent[at:])
                    for _ in range(answers):
                        client.packet()

    def test_hundreds_of_packets_in_one_write(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.connected(self.server.port, "a", version) as client:
                client.subscribe("t", qos=1)
                count = 800
                client.send(b"".join(wire.publish("t", str(n), version, qos=1, packet_id=n) for n in range(1, count + 1)) + wire.PING)
                found = [client.packet() for _ in range(2 * count + 1)]
                acknowledged = [packet.body for packet in found if packet.type == wire.PUBACK]
                self.assertEqual([n.to_bytes(2, "big") for n in range(1, count + 1)], acknowledged)
                delivered = [wire.as_message(packet, version).payload for packet in found if packet.type == wire.PUBLISH]
                self.assertEqual([b"%d" % n for n in range(1, count + 1)], delivered)

    def test_the_largest_packet_passes(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.connected(self.server.port, "a", version) as client:
                client.subscribe("t", qos=1)
                overhead = len(wire.publish("t", b"", version, qos=1, packet_id=1)) + 2  # a Remaining Length of three bytes instead of one
                largest = wire.publish("t", bytes(1024 * 1024 - overhead), version, qos=1, packet_id=1)
                self.assertEqual(1024 * 1024, len(largest))
                client.send(largest)
                sizes = sorted(len(client.packet(wire.PUBLISH, wire.PUBACK).body) for _ in range(2))
                self.assertEqual([2, len(largest) - 4], sizes)

    def test_a_client_that_has_closed_its_side_gets_its_answers(self):
        for version in wire.VERSIONS:
            with self.subTest(version=version), wire.client(self.server.port, version) as client:
                client.send(wire.connect("a", version) + wire.publish("t", "x", version, qos=1, packet_id=7) + wire.PING)
                client.half_close()
                self.assertEqual(wire.CONNACK, client.packet().type)
                answers = []
                while (found := client.packet()) is not None:
                    answers.append(found.type)
                # Nobody waits for the shard of another worker once the client has gone.
                if self.server.workers > 1 and wire.PUBACK not in answers:
                    answers.append(wire.PUBACK)
                self.assertEqual([wire.PUBACK, wire.PINGRESP], sorted(answers))


class ending(unittest.TestCase):
    def test_everybody_is_told_that_the_server_shuts_down(self):
        server = harness.start(self)
        clients = [wire.connected(server.port, f"c{n}", version) for n in range(10) for version in (wire.VERSIONS[n % 2],)]
        server.signal(signal.SIGTERM)
        for client in clients:
            with client:
                client.expect_disconnect(0x8B)
        self.assertEqual(0, server.wait())


if __name__ == "__main__":
    harness.main()
