"""Clause 3.14: DISCONNECT."""

from conversation import V5, V311, harness, wire
from subscribing import disconnect, reason_of, subscribing

MALFORMED, PROTOCOL_ERROR, TAKEN_OVER = 0x81, 0x82, 0x8E

# MQTT 5.0, 3.14.2.1: those of a server, 0x8C by 2.4 alone.
OF_SERVERS = {
    0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D,
    0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
}
OF_CLIENTS = [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99]

# What ends a connection of MQTT 5 with a reason: bytes and the reason.
ENDED_BY = [
    ("c1 00", MALFORMED), ("00 00", MALFORMED), ("30 03 0005 61", MALFORMED), ("36 06 0001 61 0001 00", MALFORMED), ("d0 00", PROTOCOL_ERROR),
    ("f0 00", PROTOCOL_ERROR), ("30 04 0001 23 00", 0x90), ("82 08 0001 00 0002 612b 00", 0x8F), ("30 07 0001 61 03 230000", 0x94),
    ("30 ff ff ff 7f", 0x95), ("82 03 0001 00", PROTOCOL_ERROR),
]


class from_the_server(subscribing):
    def test_none_comes_before_a_connack_that_accepts(self):
        """[5.0 MQTT-3.14.0-1] Whatever is wrong before it is answered with CONNACK or with nothing, and closed."""
        for content in ("c1 00", "c0 00", "00 00", "30 03 0005 61", "f0 00", "e0 00", "82 03 0001 00", "10 ff ff ff ff 01", "30 ff ff ff 7f"):
            client = self.client(V5)
            client.send(content)
            client.expect_closed()
        for wrong in ({"flags": 1}, {"level": 6}, {"pairs": [("receive_maximum", 0)]}, {"pairs": [("authentication_method", "x")]}, {"rest": b"x"}):
            client = self.client(V5)
            client.send(wire.connect(self.name("c"), V5, **wrong))
            self.assertGreaterEqual(reason_of(client.packet(wire.CONNACK))[0], 0x80)
            client.expect_closed()
        for content, reason in ENDED_BY:
            client = self.client(V5)
            client.send(wire.connect(self.name("c"), V5) + bytes.fromhex(content))
            self.assertEqual(0, reason_of(client.packet(wire.CONNACK))[0])
            client.expect_disconnect(reason)

    def test_its_reason_is_one_of_disconnect(self):
        """[5.0 MQTT-3.14.2-1] For every error, and when another connection takes over."""
        for content, reason in ENDED_BY:
            client = self.connected(V5)
            client.send(content)
            found = reason_of(client.packet(wire.DISCONNECT))[0]
            self.assertEqual(reason, found)
            self.assertIn(found, OF_SERVERS)
        older = self.connected(V5, self.name("same"))
        self.connected(V5, self.name("same"))
        self.assertIn(reason_of(older.packet(wire.DISCONNECT))[0], OF_SERVERS)

    def test_it_has_no_session_expiry_interval(self):
        """[5.0 MQTT-3.14.2-2] Only a client sends one, also where the session has one."""
        lasting = {"pairs": [("session_expiry_interval", 600)]}
        for content, _ in ENDED_BY:
            client = self.connected(V5, **lasting)
            client.send(content)
            names = [name for name, _ in reason_of(client.packet(wire.DISCONNECT))[1]]
            self.assertNotIn("session_expiry_interval", names)
        older = self.connected(V5, self.name("same"), **lasting)
        self.connected(V5, self.name("same"), **lasting)
        self.assertNotIn("session_expiry_interval", [name for name, _ in reason_of(older.packet(wire.DISCONNECT))[1]])

    def test_it_is_no_larger_than_the_client_takes(self):
        """[5.0 MQTT-3.14.2-3] [5.0 MQTT-3.14.2-4] Words and user properties are left out where they do not fit; the reason stays."""
        sizes = {False: 0, True: 0}
        for maximum in (20, 24, 30, 40, 60, 80, 100, 200, 1000):
            for content, reason in ENDED_BY:
                client = self.connected(V5, pairs=[("maximum_packet_size", maximum)])
                client.send(content)
                found = client.packet(wire.DISCONNECT)
                self.assertLessEqual(2 + len(found.body), maximum)
                self.assertEqual(reason, found.body[0])
                sizes[any(name == "reason_string" for name, _ in reason_of(found)[1])] += 1
        self.assertTrue(all(sizes.values()), "both with words and without")

    def test_nothing_follows_and_the_connection_is_closed(self):
        """[5.0 MQTT-3.14.4-1] [5.0 MQTT-3.14.4-2] What is asked, or published for the client, behind the error brings no packet."""
        publisher, topic = self.connected(), self.name("t")
        for content, reason in ENDED_BY[:7]:
            client = self.connected(V5)
            self.granted(client, (topic, 1))
            client.send(bytes.fromhex(content) + wire.PING + wire.subscribe(2, topic, V5) + wire.publish(topic, "own", V5, 1, 3))
            self.assertEqual(reason, reason_of(client.packet(wire.DISCONNECT))[0])
            self.publish(publisher, topic, "late")
            client.expect_closed()


class from_the_client(subscribing):
    def test_reserved_bits(self):
        """[3.1.1 MQTT-3.14.1-1] [5.0 MQTT-3.14.1-1] Any flag is malformed; the will goes out, since it is no DISCONNECT."""
        heir, topic = self.connected(), self.name("t")
        self.granted(heir, topic)
        for version in self.versions():
            for flags in range(1, 16):
                client = self.connected(version, **self.will(version, topic, f"{version} {flags}"))
                self.assert_refused(client, MALFORMED, bytes([0xE0 | flags, 0]))
                self.assertEqual(f"{version} {flags}".encode(), heir.message().payload)

    def will(self, version, topic, payload):
        return {"flags": 4, "rest": (b"\0" if version == V5 else b"") + wire.data(topic) + wire.data(payload)}

    def test_a_body_before_mqtt_5(self):
        """3.1.1 knows an empty one alone; another is an error, after which the will goes out."""
        heir, topic = self.connected(), self.name("t")
        self.granted(heir, topic)
        client = self.connected(V311, **self.will(V311, topic, "will"))
        client.send("e0 01 00")
        client.expect_closed()
        self.assertEqual(b"will", heir.message().payload)

    def test_the_will_is_discarded(self):
        """[3.1.1 MQTT-3.14.4-3] [5.0 MQTT-3.14.4-3] With reason 0 no will goes out, however it is written; with any other it does."""
        heir, topic, publisher = self.connected(), self.name("t"), self.connected()
        self.granted(heir, topic)
        for version in self.versions():
            for goodbye in (wire.goodbye(), *([disconnect(0), disconnect(0, []), disconnect(0, [("reason_string", "x")])] if version == V5 else [])):
                client = self.connected(version, **self.will(version, topic, "will"))
                client.send(goodbye)
                client.expect_closed()
                self.publish(publisher, topic, "no will")
                self.assertEqual(b"no will", heir.message().payload)
        for reason in OF_CLIENTS[1:]:
            client = self.connected(V5, **self.will(V5, topic, str(reason)))
            client.send(disconnect(reason))
            client.expect_closed()
            self.assertEqual(str(reason).encode(), heir.message().payload)

    def test_a_will_that_is_discarded_does_not_come_later(self):
        """[3.1.1 MQTT-3.14.4-3] [5.0 MQTT-3.14.4-3] Neither when the session is taken up again nor when that connection breaks."""
        heir, topic, name = self.connected(), self.name("t"), self.name("back")
        publisher = self.connected()
        self.granted(heir, topic)
        for version in self.versions():
            lasting = {"clean": False, "pairs": [("session_expiry_interval", 600)]}
            client = self.connected(version, name, **lasting, **self.will(version, topic, "will"))
            client.send(wire.goodbye())
            client.expect_closed()
            self.connected(version, name, **lasting).socket.close()
            self.server.wait_for(lambda stats: stats["clients"] == 2, "only heir and publisher are left")
            self.publish(publisher, topic, "no will")
            self.assertEqual(b"no will", heir.message().payload)

    def test_its_reason_is_one_of_a_clients(self):
        """[5.0 MQTT-3.14.2-1] Any other reason, also one that is a server's, is an error that the server tells."""
        for reason in OF_CLIENTS:
            client = self.connected(V5)
            client.send(disconnect(reason))
            client.expect_closed()
        for reason in (0x01, 0x02, 0x10, 0x18, 0x7F, 0x8B, 0x8D, 0x8E, 0x8F, 0x9C, 0xA2, 0xFF):
            self.assert_refused(self.connected(V5), PROTOCOL_ERROR, disconnect(reason))

    def test_nothing_that_follows_is_handled(self):
        """[3.1.1 MQTT-3.14.4-2] A packet behind DISCONNECT is not taken."""
        heir, topic, publisher = self.connected(), self.name("t"), self.connected()
        self.granted(heir, topic)
        for version in self.versions():
            client = self.connected(version)
            client.send(wire.publish(topic, "before", version) + wire.goodbye() + wire.publish(topic, "behind", version) + wire.PING)
            client.expect_closed_or_reset()
            self.assertEqual(b"before", heir.message().payload)
            self.publish(publisher, topic, "the end")
            self.assertEqual(b"the end", heir.message().payload)

    def test_a_session_expiry_interval(self):
        """It replaces that of CONNECT; where that was 0 it may not be anything else (3.14.2.2.2)."""
        for told, later, kept in ((600, 0, 0), (600, 300, 1), (None, 0, 0)):
            name = self.name(f"{told} {later}")
            pairs = [] if told is None else [("session_expiry_interval", told)]
            client = self.connected(V5, name, pairs=pairs)
            client.send(disconnect(0, [("session_expiry_interval", later)]))
            client.expect_closed()
            again = self.client(V5)
            again.send(wire.connect(name, V5, clean=False))
            self.assertEqual(bytes([kept, 0]), again.packet(wire.CONNACK).body[:2])
        for pairs in ([], [("session_expiry_interval", 0)]):
            client = self.connected(V5, pairs=pairs)
            self.assert_refused(client, PROTOCOL_ERROR, disconnect(0, [("session_expiry_interval", 1)]))

    def test_properties_that_it_may_not_have(self):
        """A Server Reference is a server's; a property twice is a protocol error; what is no property is malformed."""
        self.assert_refused(self.connected(V5), MALFORMED, disconnect(0, [("server_reference", "x")]))
        self.assert_refused(self.connected(V5), MALFORMED, disconnect(0, [("receive_maximum", 1)]))
        self.assert_refused(self.connected(V5), PROTOCOL_ERROR, disconnect(0, [("reason_string", "x")] * 2))
        self.assert_refused(self.connected(V5), MALFORMED, "e0 03 00 01 00")


if __name__ == "__main__":
    harness.main()
