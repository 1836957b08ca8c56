"""Clause 3.6: PUBREL."""

from conversation import V5, V311, harness, wire
from messages import acknowledgement, messages
from mqtt5_3_4_puback_test import TEXTS


class pubrel(messages):
    def test_other_flags_are_malformed(self):
        """[3.1.1 MQTT-3.6.1-1] [5.0 MQTT-3.6.1-1] They are 0, 0, 1, 0: the connection ends with anything else; those of the server are so, too."""
        for version in self.versions():
            topic = self.name(str(version))
            for flags in (flags for flags in range(16) if flags != 2):
                client = self.connected(version)
                client.send(wire.publish(topic, "x", version, 2, 7))
                client.expect(wire.pubrec(7))
                self.assert_refused(client, 0x81, wire.frame(0x60 | flags, b"\0\7"))
            client, publisher = self.subscriber(version, (topic, 2)), self.connected(version)
            self.publish(publisher, topic, "right", 2)
            found = self.message(client)
            client.send(wire.pubrec(found.packet_id))
            client.expect(b"\x62\2" + found.packet_id.to_bytes(2, "big"))

    def test_the_servers_reason_is_one_of_those_of_pubrel(self):
        """[5.0 MQTT-3.6.2-1] Success, left out, or Packet Identifier not found."""
        topic = self.name()
        client = self.subscriber(V5, (topic, 2))
        self.publish(self.connected(), topic, "x", 2)
        found = self.message(client)
        client.send(wire.pubrec(found.packet_id))
        client.expect(acknowledgement(0x62, found.packet_id))
        client.send(wire.pubrec(0x1234))
        client.expect(acknowledgement(0x62, 0x1234, 0x92))

    def test_it_has_no_texts_that_do_not_fit(self):
        """[5.0 MQTT-3.6.2-2] [5.0 MQTT-3.6.2-3] To a client that takes little the server sends neither a Reason String nor user properties."""
        for size in (16, 17, 20):
            client = self.connected(V5, pairs=[("maximum_packet_size", size)])
            client.send(wire.pubrec(7))
            client.expect("62 03 0007 92")
            client.ping()

    def test_the_clients_reason_is_one_of_those_of_pubrel(self):
        """[5.0 MQTT-3.6.2-1] Both are answered, with or without properties behind them; anything else ends the connection."""
        client = self.connected(V5)
        for reason in (0x00, 0x92):
            for properties in (None, [], TEXTS):
                client.send(wire.publish(self.name(), "x", V5, 2, 7))
                client.expect(wire.pubrec(7))
                client.send(acknowledgement(0x62, 7, reason, properties))
                client.expect(wire.pubcomp(7))
        for reason in (0x01, 0x10, 0x80, 0x83, 0x87, 0x91, 0xFF):
            self.assert_refused(self.connected(V5), 0x82, acknowledgement(0x62, 7, reason))
        self.assert_alive()

    def test_a_malformed_one_ends_the_connection(self):
        """Cut off, too long or with Packet Identifier 0."""
        for content in ("62 00", "62 01 00"):
            for version in self.versions():
                self.assert_refused(self.connected(version), 0x81, content)
        self.assert_refused(self.connected(V5), 0x82, acknowledgement(0x62, 1, 0, [("reason_string", "a")] * 2))
        self.assert_refused(self.connected(V311), None, "62 03 0001 00")
        for version in self.versions():
            self.assert_refused(self.connected(version), 0x82, "62 02 0000")


if __name__ == "__main__":
    harness.main()
