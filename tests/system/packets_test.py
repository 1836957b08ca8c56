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


class framing(unittest.TestCase):
    def setUp(self):
        self.server = harness.start(self)

    def conversation(self, version):
        """What a client sends, and the number of packets that it gets."""
        publish = wire.publish("a/b", "payload", version, qos=1, packet_id=9, pairs=[("content_type", "text")])
        sent = wire.connect("a", version) + wire.subscribe(1, [("a/+", 1)], version) + publish
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
