"""Clause 3.1 up to its fixed header: CONNECT is the first packet of a client, and comes once."""

from conversation import V5, conversation, harness, wire


class connect(conversation):
    def test_a_packet_before_connect_closes_the_connection(self):
        """[3.1.1 MQTT-3.1.0-1] [5.0 MQTT-3.1.0-1] Nothing is answered, nothing of it is done, and others go on."""
        for version in self.versions():
            witness, topic = self.connected(version), self.name("t")
            witness.subscribe(topic)
            for content in (
                wire.publish(topic, "early", version), wire.publish(topic, "early", version, qos=1, packet_id=1), wire.puback(1), wire.pubrec(1),
                wire.pubrel(1), wire.pubcomp(1), wire.subscribe(1, topic, version), wire.unsubscribe(1, [topic], version), wire.PING,
                wire.goodbye(), b"\xf0\0", b"\x20\2\0\0",
            ):
                with self.subTest(content=content):
                    client = self.client(version)
                    client.send(content + wire.connect(self.name("late"), version))
                    client.expect_closed()
            witness.send(wire.publish(topic, "in time", version))
            self.assertEqual(b"in time", witness.message().payload)

    def test_connect_twice_closes_the_connection(self):
        """[3.1.1 MQTT-3.1.0-2] [5.0 MQTT-3.1.0-2] It is a protocol error, whatever the second one says, and the will goes out."""
        for version in self.versions():
            topic, witness = self.name("t"), self.connected(version, self.name("witness"))
            witness.subscribe(topic)
            will = {"flags": 4, "rest": wire.properties((), version) + wire.data(topic) + wire.data("will")}
            for second in (wire.connect(self.name("a"), version), wire.connect(self.name("b"), version), wire.connect(self.name("witness"), version)):
                client = self.connected(version, self.name("a"), **will)
                self.assert_refused(client, 0x82, second + wire.publish(topic, "behind", version))
                self.assertEqual(b"will", witness.message().payload)
            witness.ping()

    def test_connect_twice_in_one_write_closes_the_connection(self):
        """[3.1.1 MQTT-3.1.0-2] [5.0 MQTT-3.1.0-2] The first is answered, the second is not."""
        for version in self.versions():
            client = self.client(version)
            client.send(wire.connect(self.name(), version) * 2)
            self.assertEqual(0, client.packet(wire.CONNACK).body[1])
            client.expect_disconnect(0x82)

    def test_a_malformed_second_connect_closes_the_connection(self):
        """[3.1.1 MQTT-3.1.0-2] [5.0 MQTT-3.1.0-2] No CONNACK comes to it either."""
        for version in self.versions():
            client = self.connected(version)
            client.send(wire.connect("a", version, flags=1))
            if version == V5:
                self.assertIn(client.packet(wire.DISCONNECT).body[0], (0x81, 0x82))
            client.expect_closed()


if __name__ == "__main__":
    harness.main()
