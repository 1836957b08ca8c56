"""Clause 3.1.2.11: the properties of CONNECT, but for the Session Expiry Interval."""

from conversation import V5, conversation, harness, wire


class properties(conversation):
    def publish(self, topic, payload, qos=1, packet_id=1, **options):
        publisher = self.connected(V5)
        publisher.send(wire.publish(topic, payload, V5, qos=qos, packet_id=packet_id, **options))
        publisher.packet(wire.PUBACK, wire.PUBREC)

    def refuse(self, pairs, reason):
        client = self.client(V5)
        client.send(wire.connect(self.name(), V5, pairs=pairs))
        self.assertEqual(bytes([0, reason]), client.packet(wire.CONNACK).body[:2])
        client.expect_closed()

    def test_values_that_are_not_allowed_are_protocol_errors(self):
        """Receive Maximum 0, Maximum Packet Size 0, requests other than 0 and 1, and authentication data without a method."""
        witness = self.connected(V5)
        for name, value in (
            ("receive_maximum", 0), ("maximum_packet_size", 0), ("request_response_information", 2), ("request_problem_information", 2),
            ("request_problem_information", 255), ("authentication_data", b"x"),
        ):
            with self.subTest(name):
                self.refuse([(name, value)], 0x82)
        witness.ping()

    def test_the_receive_maximum_bounds_what_is_sent(self):
        """3.1.2.11.3: as many of QoS 1 and 2 as that are under way at once; QoS 0 is not counted."""
        for maximum in (1, 3):
            client, topic = self.connected(V5, pairs=[("receive_maximum", maximum)]), self.name(maximum)
            client.subscribe(topic, qos=2)
            for n in range(6):
                self.publish(topic, str(n), qos=1 + n % 2)
            with self.connected(V5) as publisher:
                publisher.send(wire.publish(topic, "0", V5) + wire.publish(topic, "last", V5, qos=1, packet_id=1))
                publisher.packet(wire.PUBACK)
            found = [client.packet(wire.PUBLISH) for _ in range(maximum)]
            client.send(wire.PING)
            between = []
            while (each := client.packet(wire.PUBLISH, wire.PINGRESP)).type != wire.PINGRESP:
                between.append(wire.as_message(each, V5))
            self.assertEqual([], [each for each in between if each.qos > 0])
            first = wire.as_message(found[0], V5)
            client.send(wire.puback(first.packet_id))
            while (each := client.message()).qos == 0:
                pass
            self.assertEqual(str(maximum).encode(), each.payload)

    def test_nothing_above_the_maximum_packet_size_is_sent(self):
        """[5.0 MQTT-3.1.2-24] [5.0 MQTT-3.1.2-25] Of each QoS, what is one byte too large is left out, and what follows comes."""
        topic = self.name("t")
        for qos in (0, 1, 2):
            fitting = wire.publish(topic, bytes(200), V5, qos=qos, packet_id=1)
            client = self.connected(V5, pairs=[("maximum_packet_size", len(fitting))])
            all_of_it = self.connected(V5)
            client.subscribe(topic, qos=qos)
            all_of_it.subscribe(topic, qos=qos)
            for payload in (bytes(201), bytes(100_000), bytes(200)):
                self.publish(topic, payload, qos=2)
            client.expect(fitting)
            client.ping()
            self.assertEqual([201, 100_000, 200], [len(all_of_it.message().payload) for _ in range(3)])

    def test_with_topic_alias_and_identifier_it_is_the_whole_packet_that_counts(self):
        """[5.0 MQTT-3.1.2-24] What the server adds to a message is part of its size."""
        topic, pairs = self.name("t"), [("subscription_identifier", 268_435_455)]
        fitting = wire.publish(topic, bytes(100), V5, qos=1, packet_id=1, pairs=pairs)
        client = self.connected(V5, pairs=[("maximum_packet_size", len(fitting))])
        client.send(wire.subscribe(1, [(topic, 1)], V5, pairs))
        client.packet(wire.SUBACK)
        for payload in (bytes(101), bytes(105), bytes(100)):
            self.publish(topic, payload)
        client.expect(fitting)
        client.ping()

    def test_what_was_too_large_counts_as_sent(self):
        """[5.0 MQTT-3.1.2-25] It takes no room of the Receive Maximum, and does not come to the session's next connection, which would take it."""
        name, topic = self.name("s"), self.name("t")
        pairs = [("session_expiry_interval", 60), ("receive_maximum", 1)]
        client = self.connected(V5, name, pairs=[*pairs, ("maximum_packet_size", 100)])
        client.subscribe(topic, qos=2)
        for n in range(5):
            self.publish(topic, bytes(1000), qos=1 + n % 2)
        self.publish(topic, "small")
        found = client.message()
        self.assertEqual(b"small", found.payload)
        client.send(wire.puback(found.packet_id))
        client.ping()
        client.socket.close()
        client = self.connected(V5, name, clean=False, pairs=pairs)
        self.publish(topic, "next")
        self.assertEqual(b"next", client.message().payload)

    def test_what_was_stored_and_is_too_large_is_left_out(self):
        """[5.0 MQTT-3.1.2-24] [5.0 MQTT-3.1.2-25] Stored or in flight, the session's next connection may take less; retained messages the same."""
        name, topic, lasting = self.name("s"), self.name("t"), ("session_expiry_interval", 60)
        client = self.connected(V5, name, pairs=[lasting])
        client.subscribe(topic, qos=1)
        self.publish(topic, bytes(1000))
        self.assertEqual(1000, len(client.message().payload))
        client.send(wire.goodbye())
        client.expect_closed()
        self.publish(topic, bytes(1001), flags=1)
        self.publish(topic, "small")
        client = self.connected(V5, name, clean=False, pairs=[lasting, ("maximum_packet_size", 100)])
        self.assertEqual(b"small", client.message().payload)
        client.subscribe(topic, qos=1, packet_id=2)  # and with it, what is retained
        self.publish(topic, "end")
        self.assertEqual(b"end", client.message().payload)

    def test_answers_keep_to_the_maximum_packet_size(self):
        """[5.0 MQTT-3.1.2-24] A SUBACK that is too large ends the connection; a DISCONNECT goes without its words; so does CONNACK."""
        client = self.connected(V5, pairs=[("maximum_packet_size", 40)])
        client.send(wire.subscribe(1, [(self.name(n), 0) for n in range(35)], V5))
        self.assertEqual(40, 2 + len(client.packet(wire.SUBACK).body))
        client.send(wire.subscribe(1, [(self.name(n), 0) for n in range(36)], V5))
        found = client.packet(wire.DISCONNECT)
        self.assertEqual(0x95, found.body[0])
        self.assertLessEqual(2 + len(found.body), 40)
        client.expect_closed()
        client = self.connected(V5, pairs=[("maximum_packet_size", 16)])
        client.send("00 00")
        found = client.packet(wire.DISCONNECT)
        self.assertEqual(0x81, found.body[0])
        self.assertLessEqual(2 + len(found.body), 16)
        client.expect_closed()

    def test_a_connack_that_is_too_large_is_not_sent(self):
        """[5.0 MQTT-3.1.2-24] One that says so is, if the client takes as much; nobody can do with less."""
        for maximum in (1, 4, 5, 15):
            client = self.client(V5)
            client.send(wire.connect(self.name(), V5, pairs=[("maximum_packet_size", maximum)]))
            if maximum >= 5:
                client.expect("20 03 00 95 00")
            client.expect_closed()
        self.connected(V5, self.name(), pairs=[("maximum_packet_size", 16)]).ping()

    def test_no_topic_alias_is_sent_above_the_topic_alias_maximum(self):
        """[5.0 MQTT-3.1.2-26] Of five topics two get an alias, which stands for its topic from then on."""
        client = self.connected(V5, pairs=[("topic_alias_maximum", 2)])
        topics = [self.name(n) for n in range(5)]
        client.subscribe(*topics)
        seen = {}
        for _ in range(3):
            for topic in topics:
                self.publish(topic, topic.encode())
                found = client.message()
                alias = dict(found.properties).get("topic_alias")
                if alias is not None:
                    self.assertIn(alias, (1, 2))
                    self.assertEqual(topic, seen.setdefault(alias, found.topic))
                self.assertEqual(topic.encode(), found.payload)
                self.assertEqual(topic, found.topic or seen[alias])
        self.assertEqual(2, len(seen))

    def test_no_topic_alias_is_sent_without_a_topic_alias_maximum(self):
        """[5.0 MQTT-3.1.2-27] Nor with one of 0: every PUBLISH has its topic and no property."""
        for pairs in ((), [("topic_alias_maximum", 0)]):
            client, topic = self.connected(V5, pairs=pairs), self.name("t")
            client.subscribe(topic, qos=1)
            for n in range(1, 4):
                self.publish(topic, "x")
                client.expect(wire.publish(topic, "x", V5, qos=1, packet_id=n))
                client.send(wire.puback(n))

    def test_response_information_comes_only_if_it_was_asked_for(self):
        """[5.0 MQTT-3.1.2-28] Not with 0, nor if nothing is said; with 1 it names a topic of the client's own."""
        for pairs, asked in (((), False), ([("request_response_information", 0)], False), ([("request_response_information", 1)], True)):
            client, name = self.client(V5), self.name("client")
            client.send(wire.connect(name, V5, pairs=pairs))
            found = dict(wire.cursor(client.packet(wire.CONNACK).body[2:]).properties())
            self.assertEqual(f"response/{name}" if asked else None, found.get("response_information"))

    def test_response_information_of_a_client_id_that_leaves_it_no_room(self):
        """It is left out where it would have more than the 65,535 bytes that a string may have."""
        for size in (65_535, 65_527, 65_526):
            client, name = self.client(V5), "x" * size
            client.send(wire.connect(name, V5, pairs=[("request_response_information", 1)]))
            found = dict(wire.cursor(client.packet(wire.CONNACK).body[2:]).properties())
            self.assertEqual(f"response/{name}" if size == 65_526 else None, found.get("response_information"))
            client.ping()

    def test_without_problem_information_no_packet_but_three_has_words(self):
        """[5.0 MQTT-3.1.2-29] Refusals in PUBACK, PUBREC, SUBACK, UNSUBACK, PUBREL and PUBCOMP have reason codes, and no property."""
        client = self.connected(V5, pairs=[("request_problem_information", 0)])
        client.send(wire.publish("$SYS/t", "x", V5, qos=1, packet_id=1))
        client.expect("40 03 0001 87")
        client.send(wire.publish("$SYS/t", "x", V5, qos=2, packet_id=2))
        client.expect("50 03 0002 87")
        client.send(wire.publish(self.name("nobody"), "x", V5, qos=1, packet_id=1))
        client.expect("40 02 0001")
        client.send(wire.unsubscribe(3, [self.name("none")], V5))
        client.expect("b0 04 0003 00 11")
        client.send(wire.subscribe(4, [(self.name("t"), 1)], V5))
        client.expect("90 04 0004 00 01")
        client.send(wire.pubrec(77) + wire.pubrel(78))
        client.expect("62 03 004d 92  70 03 004e 92")

    def test_user_properties_of_a_publish_come_without_problem_information_too(self):
        """[5.0 MQTT-3.1.2-29] They are the publisher's, and PUBLISH is one of the three."""
        client, topic, pairs = self.connected(V5, pairs=[("request_problem_information", 0)]), self.name("t"), [("user_property", ("a", "b"))]
        client.subscribe(topic)
        client.send(wire.publish(topic, "x", V5, pairs=pairs))
        client.expect(wire.publish(topic, "x", V5, pairs=pairs))

    def test_an_authentication_method_is_refused_with_what_follows(self):
        """[5.0 MQTT-3.1.2-30] There is none here: 0x8C; and no packet is taken before a CONNACK that accepts."""
        witness, topic = self.connected(V5), self.name("t")
        witness.subscribe(topic)
        client = self.client(V5)
        early = wire.publish(topic, "early", V5) + wire.subscribe(1, topic, V5)
        client.send(wire.connect(self.name(), V5, pairs=[("authentication_method", "SCRAM-SHA-1"), ("authentication_data", b"x")]) + early)
        self.assertEqual(b"\0\x8c", client.packet(wire.CONNACK).body[:2])
        client.expect_closed()
        witness.send(wire.publish(topic, "in time", V5))
        self.assertEqual(b"in time", witness.message().payload)


if __name__ == "__main__":
    harness.main()
