"""Clause 2.1 (2.2 in 3.1.1): packet types and the flags beside them."""

from conversation import V5, conversation, harness, wire

# Packets that would be in order, by type, but for the flags that a test gives them.
BODIES = {
    wire.PUBACK: "0001", wire.PUBREC: "0001", wire.PUBREL: "0001", wire.PUBCOMP: "0001", wire.PINGREQ: "", wire.DISCONNECT: "",
    wire.SUBSCRIBE: {wire.V311: "0001 0001 61 00", V5: "0001 00 0001 61 00"}, wire.UNSUBSCRIBE: {wire.V311: "0001 0001 61", V5: "0001 00 0001 61"},
}
FLAGS = {wire.PUBREL: 2, wire.SUBSCRIBE: 2, wire.UNSUBSCRIBE: 2}
ANSWERS = {
    wire.PUBREC: wire.PUBREL, wire.PUBREL: wire.PUBCOMP, wire.SUBSCRIBE: wire.SUBACK, wire.UNSUBSCRIBE: wire.UNSUBACK,
    wire.PINGREQ: wire.PINGRESP,
}
# The first byte of everything but PUBLISH that a server sends.
SENT = {
    wire.CONNACK: 0x20, wire.PUBACK: 0x40, wire.PUBREC: 0x50, wire.PUBREL: 0x62, wire.PUBCOMP: 0x70, wire.SUBACK: 0x90,
    wire.UNSUBACK: 0xB0, wire.PINGRESP: 0xD0, wire.DISCONNECT: 0xE0,
}


def packet(kind, flags, version):
    body = BODIES[kind]
    body = bytes.fromhex(body if isinstance(body, str) else body[version])
    return wire.frame(kind << 4 | flags, body)


class fixed_header(conversation):
    def test_reserved_flags_are_checked_in_every_packet(self):
        """[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] [5.0 MQTT-2.1.3-1] Any others than those of its type close the connection."""
        witness = self.connected()
        for version in self.versions():
            for kind in BODIES:
                good = self.connected(version)
                good.send(packet(kind, FLAGS.get(kind, 0), version))
                if kind == wire.DISCONNECT:
                    good.expect_closed()
                elif kind in ANSWERS:
                    good.packet(ANSWERS[kind])
                else:
                    good.ping()
                for flags in range(16):
                    if flags == FLAGS.get(kind, 0):
                        continue
                    with self.subTest(kind=kind, flags=flags):
                        self.assert_refused(self.connected(version), 0x81, packet(kind, flags, version))
        witness.ping()

    def test_reserved_flags_are_checked_in_connect(self):
        """[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] [5.0 MQTT-2.1.3-1] There is no session, and no CONNACK."""
        for version in self.versions():
            content = wire.connect(self.name(), version)
            for flags in range(1, 16):
                client = self.client(version)
                client.send(bytes([0x10 | flags]) + content[1:])
                client.expect_closed()
            self.connected(version, self.name()).ping()

    def test_what_is_sent_has_the_flags_of_its_type(self):
        """[3.1.1 MQTT-2.2.2-1] [5.0 MQTT-2.1.3-1] Each packet that a server sends begins with the byte of its type."""
        for version in self.versions():
            client, topic = self.client(version), self.name("t")
            seen = {}

            def hear(*kinds):
                for kind in kinds:
                    found = client.packet(kind)
                    seen[kind] = found.type << 4 | found.flags

            client.send(wire.connect(self.name(version), version))
            hear(wire.CONNACK)
            client.send(wire.subscribe(1, [(topic, 2)], version))
            hear(wire.SUBACK)
            client.send(wire.publish(self.name("other"), "x", version, qos=1, packet_id=1))
            hear(wire.PUBACK)
            client.send(wire.publish(self.name("other"), "x", version, qos=2, packet_id=2))
            hear(wire.PUBREC)
            client.send(wire.pubrel(2))
            hear(wire.PUBCOMP)
            publisher = self.connected(version)
            publisher.send(wire.publish(topic, "x", version, qos=2, packet_id=1))
            publisher.packet(wire.PUBREC)
            self.assertEqual(2, client.message().qos)
            client.send(wire.pubrec(1))
            hear(wire.PUBREL)
            client.send(wire.pubcomp(1) + wire.unsubscribe(3, [topic], version))
            hear(wire.UNSUBACK)
            client.send(wire.PING)
            hear(wire.PINGRESP)
            client.send("00 00")
            if version == V5:
                hear(wire.DISCONNECT)
            client.expect_closed()
            self.assertEqual({kind: first for kind, first in SENT.items() if version == V5 or kind != wire.DISCONNECT}, seen)

    def test_types_that_no_client_sends_are_refused(self):
        """Type 0 is reserved, and type 15 before MQTT 5; other types come from servers only, or with a method of AUTH."""
        witness = self.connected()
        for version in self.versions():
            self.assert_refused(self.connected(version), 0x81, "00 00")
            for content in ("20 02 00 00", "90 03 0001 00", "b0 02 0001", "d0 00", "f0 00"):
                with self.subTest(content):
                    self.assert_refused(self.connected(version), 0x82, content)
        witness.ping()


if __name__ == "__main__":
    harness.main()
