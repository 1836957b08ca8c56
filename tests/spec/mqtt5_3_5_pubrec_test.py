"""Clause 3.5: PUBREC."""

from conversation import V5, V311, harness, wire
from messages import acknowledgement, messages, rights
from mqtt5_3_4_puback_test import REASONS, TEXTS


class of_the_server(rights):
    def test_its_reason_is_one_of_those_of_pubrec(self):
        """[5.0 MQTT-3.5.2-1] Success, which is left out with all behind it, or Not authorized; with the Packet Identifier of the PUBLISH."""
        client = self.connected(V5)
        for number in (1, 0x1234, 0xFFFF):
            client.send(wire.publish("denied", "x", V5, 2, number))
            client.expect(acknowledgement(0x50, number, 0x87))
            client.send(wire.publish(self.name(), "x", V5, 2, number))
            client.expect(acknowledgement(0x50, number))

    def test_it_has_no_texts_that_do_not_fit(self):
        """[5.0 MQTT-3.5.2-2] [5.0 MQTT-3.5.2-3] To a client that takes little it sends neither a Reason String nor user properties, which would make it larger."""
        for size in (16, 17, 20):
            client = self.connected(V5, pairs=[("maximum_packet_size", size)])
            client.send(wire.publish("denied", "x", V5, 2, 7))
            client.expect("50 03 0007 87")
            client.ping()


class of_the_client(messages):
    def in_flight(self):
        """A subscriber of MQTT 5 with one message in flight, and room for one."""
        topic, publisher = self.name(str(self._packet_id)), self.connected()
        client = self.connected(V5, pairs=[("receive_maximum", 1)])
        self.subscribe(client, (topic, 2))
        self.publish_all(publisher, topic, ("one", "two"), 2)
        return client, self.message(client)

    def test_every_reason_of_it_is_taken(self):
        """[5.0 MQTT-3.5.2-1] Below 0x80 PUBREL answers it; from there on the message is done, and the next one comes."""
        for reason in REASONS:
            for properties in (None, [], TEXTS):
                client, first = self.in_flight()
                client.send(acknowledgement(0x50, first.packet_id, reason, properties))
                if reason < 0x80:
                    client.expect(wire.pubrel(first.packet_id))
                    client.ping()  # the first one is not done yet
                    client.send(wire.pubcomp(first.packet_id))
                self.assertEqual(b"two", self.message(client).payload)

    def test_a_reason_that_is_none_of_it_is_refused(self):
        """[5.0 MQTT-3.5.2-1] Those of other packets, and those that do not exist, end the connection."""
        for reason in (0x01, 0x04, 0x11, 0x18, 0x81, 0x82, 0x92, 0x9E, 0xFF):
            client, first = self.in_flight()
            self.assert_refused(client, 0x82, acknowledgement(0x50, first.packet_id, reason))
        self.assert_alive()

    def test_a_malformed_one_ends_the_connection(self):
        """Cut off, too long, with flags or with Packet Identifier 0."""
        for content in ("50 00", "50 01 00", "52 02 0001"):
            for version in self.versions():
                self.assert_refused(self.connected(version), 0x81, content)
        self.assert_refused(self.connected(V5), 0x82, acknowledgement(0x50, 1, 0, [("reason_string", "a")] * 2))
        self.assert_refused(self.connected(V311), None, "50 03 0001 00")
        for version in self.versions():
            self.assert_refused(self.connected(version), 0x82, "50 02 0000")


if __name__ == "__main__":
    harness.main()
