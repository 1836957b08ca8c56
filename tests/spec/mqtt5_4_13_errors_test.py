"""Clause 4.13 (4.8 of 3.1.1): errors end the connection that they come on, and that alone."""

from conversation import V5, V311, harness, wire
from subscribing import disconnect, reason_of, subscribing

MALFORMED, PROTOCOL_ERROR = 0x81, 0x82


def of_both(packet):
    return {version: packet(version) for version in wire.VERSIONS}


def in_bytes(for_5, for_311=None):
    return {V5: bytes.fromhex(for_5), **({V311: bytes.fromhex(for_311)} if for_311 else {})}


# What is wrong, the reason that MQTT 5 gives for it, and the bytes for each version that knows it.
ERRORS = [
    ("a reserved type", MALFORMED, in_bytes("0f 00", "00 00")),
    ("reserved flags", MALFORMED, in_bytes("b1 02 0001", "41 02 0001")),
    ("a Remaining Length of five bytes", MALFORMED, in_bytes("30 80 80 80 80 01", "30 80 80 80 80 01")),
    ("a second CONNECT", PROTOCOL_ERROR, of_both(lambda version: wire.connect("again", version))),
    ("CONNACK", PROTOCOL_ERROR, in_bytes("20 03 00 00 00", "20 02 00 00")),
    ("SUBACK", PROTOCOL_ERROR, in_bytes("90 04 0001 00 00", "90 03 0001 00")),
    ("UNSUBACK", PROTOCOL_ERROR, in_bytes("b0 04 0001 00 00", "b0 02 0001")),
    ("PINGRESP", PROTOCOL_ERROR, in_bytes("d0 00", "d0 00")),
    ("AUTH", PROTOCOL_ERROR, in_bytes("f0 00", "f0 00")),
    ("PUBLISH with QoS 3", MALFORMED, of_both(lambda version: wire.publish("t", "x", version, 3, 1))),
    ("PUBLISH with packet id 0", PROTOCOL_ERROR, of_both(lambda version: wire.publish("t", "x", version, 1, 0))),
    ("PUBLISH to a filter", 0x90, of_both(lambda version: wire.publish("t/#", "x", version))),
    ("PUBLISH cut off", MALFORMED, in_bytes("30 03 0005 61", "30 03 0005 61")),
    ("PUBLISH with a topic that is not UTF-8", MALFORMED, of_both(lambda version: wire.publish(b"\xff", "x", version))),
    ("PUBLISH with an alias of 0", 0x94, {V5: wire.publish("t", "x", V5, pairs=[("topic_alias", 0)])}),
    ("PUBLISH with a property of CONNECT", MALFORMED, {V5: wire.publish("t", "x", V5, pairs=[("receive_maximum", 1)])}),
    ("PUBACK cut off", MALFORMED, in_bytes("40 01 00", "40 01 00")),
    ("PUBREC with packet id 0", PROTOCOL_ERROR, in_bytes("50 02 0000", "50 02 0000")),
    ("PUBREL with a reason that it cannot have", PROTOCOL_ERROR, in_bytes("62 04 0001 10 00")),
    ("PUBCOMP with more behind it", MALFORMED, in_bytes("70 05 0001 00 00 00", "70 03 0001 00")),
    ("SUBSCRIBE without a filter", PROTOCOL_ERROR, of_both(lambda version: wire.subscribe(1, [], version))),
    ("SUBSCRIBE with QoS 3", PROTOCOL_ERROR, of_both(lambda version: wire.subscribe(1, [("t", 3)], version))),
    ("SUBSCRIBE to what is no filter", 0x8F, of_both(lambda version: wire.subscribe(1, [("t+", 0)], version))),
    ("UNSUBSCRIBE without a filter", PROTOCOL_ERROR, of_both(lambda version: wire.unsubscribe(1, [], version))),
    ("PINGREQ with a body", MALFORMED, in_bytes("c0 01 00", "c0 01 00")),
    ("DISCONNECT with an unknown property", MALFORMED, in_bytes("e0 04 00 02 7f 00")),
    ("DISCONNECT with a reason that it cannot have", PROTOCOL_ERROR, in_bytes("e0 01 01")),
]


class errors(subscribing):
    def test_each_closes_its_connection_and_no_other(self):
        """[3.1.1 MQTT-4.8.0-1] [5.0 MQTT-4.13.1-1] Malformed packets and protocol errors of every type; what was sent before counts, nothing behind."""
        publisher, topic = self.connected(), self.name("t")
        bystander = self.connected(V5, self.name("bystander"))
        self.granted(bystander, (topic, 1))
        for version in self.versions():
            for what, reason, content in ERRORS:
                if version not in content:
                    continue
                with self.subTest(what):
                    client = self.connected(version)
                    client.send(wire.publish(topic, "before", version) + content[version] + wire.publish(topic, "behind", version))
                    client.expect_disconnect(reason)
                    self.assertEqual(b"before", self.next_message(bystander).payload)
                    self.publish(publisher, topic, "on")
                    self.assertEqual(b"on", self.next_message(bystander).payload)

    def test_in_connect_as_well(self):
        """[3.1.1 MQTT-4.8.0-1] [5.0 MQTT-4.13.1-1] A CONNECT that is wrong, or is not the first packet, closes the connection."""
        bystander = self.connected()
        for version in self.versions():
            good = wire.connect(self.name("c"), version)
            for content in (
                bytes([0x11]) + good[1:], wire.connect("c", version, flags=1), wire.connect(b"\xff", version), wire.connect("c", version, flags=0x1C),
                wire.connect("c", version, rest=b"x"), wire.connect("c", version, name="MQTX"), wire.frame(0x10, good[2:8]), wire.PING,
                wire.publish("t", "x", version), bytes.fromhex("10 80 80 80 80 01"),
            ):
                client = self.client(version)
                client.send(content + wire.PING)
                found = client.packet()
                if found is not None:
                    self.assertEqual((V5, wire.CONNACK), (version, found.type))
                    self.assertGreaterEqual(reason_of(found)[0], 0x80)
                    client.expect_closed()
            bystander.ping()

    def test_a_reason_of_0x80_or_above_closes(self):
        """[5.0 MQTT-4.13.2-1] In a CONNACK and in a DISCONNECT of either side nothing follows but the end of the connection."""
        for wrong in ({"level": 7}, {"flags": 1}, {"pairs": [("receive_maximum", 0)]}, {"pairs": [("authentication_method", "x")]}):
            client = self.client(V5)
            client.send(wire.connect(self.name("c"), V5, **wrong) + wire.PING)
            self.assertGreaterEqual(reason_of(client.packet(wire.CONNACK))[0], 0x80)
            client.expect_closed()
        for content in (wire.frame(0xC1, b""), wire.publish("+", "x", V5), wire.connect("again", V5)):
            client = self.connected(V5)
            client.send(content + wire.PING)
            self.assertGreaterEqual(reason_of(client.packet(wire.DISCONNECT))[0], 0x80)
            client.expect_closed()
        for reason in (0x80, 0x81, 0x82, 0x93, 0x97, 0x99):
            client = self.connected(V5)
            client.send(disconnect(reason) + wire.PING)
            client.expect_closed_or_reset()

    def test_a_session_outlives_an_error(self):
        """[3.1.1 MQTT-4.8.0-1] [5.0 MQTT-4.13.1-1] The connection ends; the session is kept as after any other end."""
        publisher, topic = self.connected(), self.name("t")
        for version in self.versions():
            lasting = {"clean": False, "pairs": [("session_expiry_interval", 600)]}
            client = self.connected(version, self.name(f"c{version}"), **lasting)
            self.granted(client, (topic, 1))
            self.assert_refused(client, MALFORMED, "c1 00")
            self.publish(publisher, topic, "meanwhile")
            client = self.connected(version, self.name(f"c{version}"), **lasting)
            self.assertEqual(b"meanwhile", self.next_message(client).payload)
            client.socket.close()


class transient(subscribing):
    settings = ("limits.max_packet_bytes=2000",)

    def test_a_packet_for_which_there_is_no_room(self):
        """[3.1.1 MQTT-4.8.0-2] It ends the connection, as soon as its length is known; a packet of the size that is allowed is taken."""
        publisher, topic = self.connected(), self.name("t")
        for version in self.versions():
            for content in (wire.publish(topic, "x" * 2000, version), bytes.fromhex("30 ff ff ff 7f"), wire.subscribe(1, [("t" * 500, 0)] * 4, version)):
                self.assert_refused(self.connected(version), 0x95, content)
            client = self.connected(version)
            self.granted(client, (topic, 1))
            head = len(wire.publish(topic, "x" * 1900, V311)) - 1900
            self.publish(publisher, topic, "x" * (2000 - head - 2))
            self.assertEqual(2000 - head - 2, len(self.next_message(client).payload))
            client.socket.close()


if __name__ == "__main__":
    harness.main()
