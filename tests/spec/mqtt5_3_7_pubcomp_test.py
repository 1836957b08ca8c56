"""Clause 3.7: PUBCOMP."""

from conversation import V5, V311, harness, wire
from messages import acknowledgement, messages
from mqtt5_3_4_puback_test import TEXTS


class pubcomp(messages):
    def test_the_servers_reason_is_one_of_those_of_pubcomp(self):
        """[5.0 MQTT-3.7.2-1] Success, left out, or Packet Identifier not found; in 3.1.1 no reason at all."""
        client, older = self.connected(V5), self.connected(V311)
        for each, unknown in ((client, acknowledgement(0x70, 0x1234, 0x92)), (older, acknowledgement(0x70, 0x1234))):
            each.send(wire.publish(self.name(), "x", each.version, 2, 0x1234))
            each.expect(acknowledgement(0x50, 0x1234))
            each.send(wire.pubrel(0x1234) * 2)
            each.expect(acknowledgement(0x70, 0x1234) + unknown)

    def test_it_has_no_texts_that_do_not_fit(self):
        """[5.0 MQTT-3.7.2-2] [5.0 MQTT-3.7.2-3] To a client that takes little the server sends neither a Reason String nor user properties."""
        for size in (16, 17, 20):
            client = self.connected(V5, pairs=[("maximum_packet_size", size)])
            client.send(wire.pubrel(7))
            client.expect("70 03 0007 92")
            client.ping()

    def in_flight(self):
        """A subscriber of MQTT 5 whose one message in flight waits for PUBCOMP."""
        topic, publisher = self.name(str(self._packet_id)), self.connected()
        client = self.connected(V5, pairs=[("receive_maximum", 1)])
        self.subscribe(client, (topic, 2))
        self.publish_all(publisher, topic, ("one", "two"), 2)
        first = self.message(client)
        client.send(wire.pubrec(first.packet_id))
        client.expect(wire.pubrel(first.packet_id))
        client.ping()
        return client, first

    def test_every_reason_of_it_is_taken(self):
        """[5.0 MQTT-3.7.2-1] Either ends the exchange, with or without properties behind it."""
        for reason in (0x00, 0x92):
            for properties in (None, [], TEXTS):
                client, first = self.in_flight()
                client.send(acknowledgement(0x70, first.packet_id, reason, properties))
                self.assertEqual(b"two", self.message(client).payload)

    def test_a_reason_that_is_none_of_it_is_refused(self):
        """[5.0 MQTT-3.7.2-1] Those of other packets, and those that do not exist, end the connection."""
        for reason in (0x01, 0x10, 0x80, 0x83, 0x87, 0x91, 0xFF):
            client, first = self.in_flight()
            self.assert_refused(client, 0x82, acknowledgement(0x70, first.packet_id, reason))
        self.assert_alive()

    def test_a_malformed_one_ends_the_connection(self):
        """Cut off, too long, with flags or with Packet Identifier 0."""
        for content in ("70 00", "70 01 00", "72 02 0001"):
            for version in self.versions():
                self.assert_refused(self.connected(version), 0x81, content)
        self.assert_refused(self.connected(V5), 0x82, acknowledgement(0x70, 1, 0, [("reason_string", "a")] * 2))
        self.assert_refused(self.connected(V311), None, "70 03 0001 00")
        for version in self.versions():
            self.assert_refused(self.connected(version), 0x82, "70 02 0000")


if __name__ == "__main__":
    harness.main()
