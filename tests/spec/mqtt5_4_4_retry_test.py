"""Clause 4.4: what is sent again, and when."""

from conversation import V5, V311, harness, wire
from messages import acknowledgement, messages


class retry(messages):
    def summary(self, found):
        return [(each.payload, each.qos, each.packet_id, each.dup) for each in found]

    def test_what_was_not_acknowledged_comes_again_on_the_next_connection(self):
        """[3.1.1 MQTT-4.4.0-1] [5.0 MQTT-4.4.0-1] PUBLISH and PUBREL, under their ids; what was acknowledged does not, and nothing comes again before the client comes back."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected()
            client = self.keeping(version, topic)
            self.subscribe(client, (topic, 2))
            qualities = [1, 2, 1, 2, 2, 1]
            for number, qos in enumerate(qualities):
                self.publish(publisher, topic, str(number), qos)
            found = [self.message(client) for _ in qualities]
            self.assertEqual([(str(n).encode(), qos, False) for n, qos in enumerate(qualities)], [(each.payload, each.qos, each.dup) for each in found])
            self.answer(client, found[2])
            self.answer(client, found[4])
            client.send(wire.pubrec(found[1].packet_id))
            client.expect(wire.pubrel(found[1].packet_id))
            # Other things that the client does on this connection are no reason to send anything again.
            self.subscribe(client, (topic, 2))
            client.ping()
            self.assert_nothing_came(publisher, client, topic)
            for _ in range(2):
                self.lose(client)
                client = self.keeping(version, topic)
                packets = [client.packet(wire.PUBLISH, wire.PUBREL) for _ in range(4)]
                released = [packet.body for packet in packets if packet.type == wire.PUBREL]
                again = [wire.as_message(packet, version) for packet in packets if packet.type == wire.PUBLISH]
                self.assertEqual([found[1].packet_id.to_bytes(2, "big")], released)
                self.assertEqual([(each.payload, each.qos, each.packet_id, True) for each in (found[0], found[3], found[5])], self.summary(again))
                self.assert_nothing_came(publisher, client, topic)

    def test_a_new_session_gets_nothing_again(self):
        """[5.0 MQTT-4.4.0-1] With Clean Start there is nothing to send again."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected()
            client = self.keeping(version, topic)
            self.subscribe(client, (topic, 2))
            for qos in (1, 2):
                self.publish(publisher, topic, "x", qos)
                self.message(client)
            self.lose(client)
            client = self.connected(version, self.name(topic), clean=True)
            self.subscribe(client, (topic, 2))
            self.assert_nothing_came(publisher, client, topic)

    def test_what_comes_again_is_what_was_sent(self):
        """[3.1.1 MQTT-4.4.0-1] [5.0 MQTT-4.4.0-1] Topic, payload, QoS as granted and properties are the same, also after the subscription was lowered or has gone."""
        pairs = [("content_type", "t"), ("user_property", ("a", "b")), ("correlation_data", b"\0")]
        for version in self.versions():
            for lowered in (False, True):
                topic, publisher = self.name(f"{version} {lowered}"), self.connected(V5)
                client = self.keeping(version, topic)
                self.subscribe(client, (topic, 2))
                self.publish(publisher, topic, b"\0\xff" * 5000, 2, pairs)
                first = self.message(client)
                if lowered:
                    self.subscribe(client, (topic, 0))
                else:
                    client.send(wire.unsubscribe(3, [topic], version))
                    client.packet(wire.UNSUBACK)
                self.lose(client)
                client = self.keeping(version, topic)
                self.assertEqual(first._replace(dup=True), self.message(client))
                self.assertEqual(pairs if version == V5 else [], first.properties)

    def test_what_was_refused_does_not_come_again(self):
        """[5.0 MQTT-4.4.0-2] A reason from 0x80 on in PUBACK or PUBREC ends the message, in this connection and in the next."""
        for reason in (0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99):
            topic, publisher = self.name(hex(reason)), self.connected()
            client = self.keeping(V5, topic)
            self.subscribe(client, (topic, 2))
            for qos, first_byte in ((1, 0x40), (2, 0x50)):
                self.publish(publisher, topic, str(qos), qos)
                client.send(acknowledgement(first_byte, self.message(client).packet_id, reason))
            client.ping()
            self.assert_nothing_came(publisher, client, topic)
            self.lose(client)
            client = self.keeping(V5, topic)
            self.assert_nothing_came(publisher, client, topic)

    def test_a_takeover_sends_again_as_well(self):
        """[3.1.1 MQTT-4.4.0-1] [5.0 MQTT-4.4.0-1] The next connection may come while the one before is still there."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected()
            client = self.keeping(version, topic)
            self.subscribe(client, (topic, 1))
            self.publish_all(publisher, topic, ("one", "two"))
            found = [self.message(client) for _ in range(2)]
            again = self.keeping(version, topic)
            self.assertEqual([each._replace(dup=True) for each in found], [self.message(again) for _ in range(2)])


class of_the_client(messages):
    def test_what_a_client_sends_again_is_taken(self):
        """[3.1.1 MQTT-4.4.0-1] [5.0 MQTT-4.4.0-1] Its PUBLISH with DUP and its PUBREL go on where they were; at QoS 1 the message comes again, at QoS 2 not."""
        for version in self.versions():
            topic = self.name(str(version))
            client, publisher = self.subscriber(version, (topic, 2)), self.keeping(version, topic)
            publisher.send(wire.publish(topic, "1", version, 1, 1) + wire.publish(topic, "2", version, 2, 2))
            publisher.expect(wire.puback(1) + wire.pubrec(2))
            self.lose(publisher)
            publisher = self.keeping(version, topic)
            publisher.send(wire.publish(topic, "1", version, 1, 1, flags=8) + wire.publish(topic, "2", version, 2, 2, flags=8) + wire.pubrel(2))
            answers = sorted((publisher.packet() for _ in range(3)), key=lambda packet: packet.type)
            self.assertEqual([(wire.PUBACK, b"\0\1"), (wire.PUBREC, b"\0\2"), (wire.PUBCOMP, b"\0\2")], [(packet.type, packet.body) for packet in answers])
            for payload in ("1", "2", "1"):
                self.assert_message(client, topic, payload, int(payload))
            self.assert_nothing_came(self.connected(V311), client, topic)


if __name__ == "__main__":
    harness.main()
