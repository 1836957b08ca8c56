"""Clauses 3.15 and 4.12: AUTH and enhanced authentication, of which this server has no method."""

from conversation import V5, V311, harness, wire
from subscribing import reason_of, subscribing

MALFORMED, PROTOCOL_ERROR, BAD_METHOD = 0x81, 0x82, 0x8C


def auth(reason, pairs=()):
    return wire.frame(0xF0, bytes([reason]) + wire.properties(pairs))


class auth_packets(subscribing):
    def test_reserved_flags(self):
        """[5.0 MQTT-3.15.1-1] Any flag is malformed and closes the connection; nobody else's."""
        bystander = self.connected(V5)
        for flags in range(1, 16):
            self.assert_refused(self.connected(V5), MALFORMED, bytes([0xF0 | flags, 0]))
        bystander.ping()

    def test_without_a_method_in_connect_it_is_a_protocol_error(self):
        """[5.0 MQTT-4.12.0-7] Whatever its reason and properties, and whether it has any."""
        method, data = ("authentication_method", "PLAIN"), ("authentication_data", b"x")
        for content in (bytes.fromhex("f0 00"), auth(0x00), auth(0x18, [method]), auth(0x18, [method, data]), auth(0x19, [method])):
            self.assert_refused(self.connected(V5), PROTOCOL_ERROR, content)

    def test_re_authentication_fails_and_closes(self):
        """[5.0 MQTT-4.12.1-2] Who came without a method cannot do it again: DISCONNECT says so and nothing follows; messages taken before stay."""
        heir, topic = self.connected(V5), self.name("t")
        self.granted(heir, topic)
        for pairs in ([("authentication_method", "PLAIN")], [("authentication_method", "PLAIN"), ("authentication_data", b"x")], []):
            client = self.connected(V5)
            client.send(wire.publish(topic, "before", V5) + auth(0x19, pairs) + wire.publish(topic, "behind", V5) + wire.PING)
            client.expect_disconnect(PROTOCOL_ERROR)
            self.assertEqual(b"before", heir.message().payload)
            self.publish(self.connected(), topic, "the end")
            self.assertEqual(b"the end", heir.message().payload)

    def test_before_connect_it_is_no_beginning(self):
        """A connection that begins with AUTH is closed; no DISCONNECT or AUTH comes."""
        for content in (bytes.fromhex("f0 00"), auth(0x18, [("authentication_method", "PLAIN")])):
            client = self.client(V5)
            client.send(content)
            client.expect_closed()

    def test_mqtt_3_1_1_knows_no_auth(self):
        """There its type is reserved: the connection is closed."""
        for content in (bytes.fromhex("f0 00"), auth(0x18)):
            self.assert_refused(self.connected(V311), None, content)


class enhanced_authentication(subscribing):
    def test_a_method_that_is_not_supported_is_refused(self):
        """[5.0 MQTT-4.12.0-1] [5.0 MQTT-4.12.0-4] CONNACK with 0x8C and then closed, whatever the method; no session begins."""
        for method in ("SCRAM-SHA-256", "PLAIN", "x", "", "GS2-KRB5"):
            for data in ([], [("authentication_data", b"data")]):
                name = self.name(method)
                client = self.client(V5)
                pairs = [("session_expiry_interval", 600), ("authentication_method", method), *data]
                client.send(wire.connect(name, V5, pairs=pairs) + auth(0x18, [("authentication_method", method)]))
                found = client.packet(wire.CONNACK)
                self.assertEqual((0, BAD_METHOD), tuple(found.body[:2]))
                client.expect_closed()
                again = self.client(V5)
                again.send(wire.connect(name, V5, clean=False))
                self.assertEqual(b"\0\0", again.packet(wire.CONNACK).body[:2])

    def test_its_refusal_harms_nobody(self):
        """[5.0 MQTT-4.12.0-4] Not even who is connected under the same client id."""
        client = self.connected(V5, self.name("same"))
        other = self.client(V5)
        other.send(wire.connect(self.name("same"), V5, pairs=[("authentication_method", "x")]))
        self.assertEqual(BAD_METHOD, reason_of(other.packet(wire.CONNACK))[0])
        other.expect_closed()
        client.ping()

    def test_without_a_method_none_comes_from_the_server(self):
        """[5.0 MQTT-4.12.0-6] CONNACK names no method and brings no data, it is the first packet, and no AUTH comes at all."""
        for options in ({}, {"pairs": [("session_expiry_interval", 10)]}, {"flags": 0xC0, "rest": wire.data("user") + wire.data("password")}):
            client = self.client(V5)
            client.send(wire.connect(self.name("c"), V5, **options) + wire.PING)
            reason, pairs = reason_of(client.packet(wire.CONNACK))
            self.assertEqual(0, reason)
            self.assertFalse({"authentication_method", "authentication_data"} & {name for name, _ in pairs})
            client.packet(wire.PINGRESP)
            client.send(wire.goodbye())
            client.expect_closed()

    def test_data_without_a_method(self):
        """It is a protocol error in CONNECT (3.1.2.11.10)."""
        client = self.client(V5)
        client.send(wire.connect(self.name("c"), V5, pairs=[("authentication_data", b"x")]))
        self.assertEqual(PROTOCOL_ERROR, reason_of(client.packet(wire.CONNACK))[0])
        client.expect_closed()

    def test_a_method_twice(self):
        """It is a protocol error in CONNECT (3.1.2.11.9)."""
        client = self.client(V5)
        client.send(wire.connect(self.name("c"), V5, pairs=[("authentication_method", "x")] * 2))
        self.assertEqual(PROTOCOL_ERROR, reason_of(client.packet(wire.CONNACK))[0])
        client.expect_closed()


if __name__ == "__main__":
    harness.main()
