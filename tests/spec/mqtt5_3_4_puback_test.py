"""Clause 3.4: PUBACK."""

from conversation import V5, V311, harness, wire
from messages import acknowledgement, messages, rights

# Every reason that the standard has for PUBACK and PUBREC (3.4.2.1, 3.5.2.1).
REASONS = (0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99)
TEXTS = [("reason_string", "why ü"), ("user_property", ("a", "b")), ("user_property", ("a", "b"))]


class of_the_server(rights):
    def test_its_reason_is_one_of_those_of_puback(self):
        """[5.0 MQTT-3.4.2-1] Success, which is left out with all behind it, or Not authorized; with the Packet Identifier of the PUBLISH."""
        client = self.connected(V5)
        for number in (1, 0x1234, 0xFFFF):
            client.send(wire.publish(self.name(), "x", V5, 1, number))
            client.expect(acknowledgement(0x40, number))
            client.send(wire.publish("denied", "x", V5, 1, number))
            client.expect(acknowledgement(0x40, number, 0x87))

    def test_it_has_no_texts_that_do_not_fit(self):
        """[5.0 MQTT-3.4.2-2] [5.0 MQTT-3.4.2-3] To a client that takes little it sends neither a Reason String nor user properties, which would make it larger."""
        for size in (16, 17, 20):
            client = self.connected(V5, pairs=[("maximum_packet_size", size)])
            client.send(wire.publish("denied", "x", V5, 1, 7))
            client.expect("40 03 0007 87")
            client.ping()


class of_the_client(messages):
    def in_flight(self):
        """A subscriber of MQTT 5 with one message in flight, and room for one: the next one comes when that is acknowledged."""
        topic, publisher = self.name(str(self._packet_id)), self.connected()
        client = self.connected(V5, pairs=[("receive_maximum", 1)])
        self.subscribe(client, (topic, 1))
        self.publish_all(publisher, topic, ("one", "two"))
        return client, self.message(client)

    def test_every_reason_of_it_is_taken(self):
        """[5.0 MQTT-3.4.2-1] Each ends the message, with or without properties behind it."""
        for reason in REASONS:
            for properties in (None, [], TEXTS):
                client, first = self.in_flight()
                client.send(acknowledgement(0x40, first.packet_id, reason, properties))
                self.assertEqual(b"two", self.message(client).payload)

    def test_a_reason_that_is_none_of_it_is_refused(self):
        """[5.0 MQTT-3.4.2-1] Those of other packets, and those that do not exist, end the connection."""
        for reason in (0x01, 0x04, 0x11, 0x18, 0x81, 0x82, 0x92, 0x9E, 0xFF):
            client, first = self.in_flight()
            self.assert_refused(client, 0x82, acknowledgement(0x40, first.packet_id, reason))
        self.assert_alive()

    def test_a_malformed_one_ends_the_connection(self):
        """Cut off, too long, with flags, with Packet Identifier 0 or with properties that do not belong there."""
        for content in ("40 00", "40 01 00", "42 02 0001", "41 02 0001"):
            for version in self.versions():
                self.assert_refused(self.connected(version), 0x81, content)
        for content in ("40 04 0001 00 01", "40 06 0001 00 00 00 00", "40 06 0001 00 02 01 01", "40 08 0001 00 04 1f 0001 ff"):
            self.assert_refused(self.connected(V5), 0x81, content)
        self.assert_refused(self.connected(V5), 0x82, acknowledgement(0x40, 1, 0, [("reason_string", "a")] * 2))
        self.assert_refused(self.connected(V311), None, "40 03 0001 00")
        for version in self.versions():
            self.assert_refused(self.connected(version), 0x82, "40 02 0000")

    def test_one_that_nothing_waits_for_is_ignored(self):
        """Of an id that is not in flight, or of another exchange: nothing is answered and nothing ends."""
        client, first = self.in_flight()
        client.send(wire.puback(first.packet_id + 1000) + wire.pubcomp(first.packet_id))
        client.ping()
        client.send(wire.puback(first.packet_id))
        self.assertEqual(b"two", self.message(client).payload)


if __name__ == "__main__":
    harness.main()
