"""Clause 2.2.2: properties of MQTT 5."""

from conversation import V5, conversation, harness, wire

# A value that is allowed, for each property, and the packets of a client that take it.
VALUES = {
    "payload_format_indicator": 1, "message_expiry_interval": 9, "content_type": "text", "response_topic": "answers", "correlation_data": b"x",
    "subscription_identifier": 1, "session_expiry_interval": 9, "authentication_method": "none", "authentication_data": b"x",
    "request_problem_information": 1, "will_delay_interval": 9, "request_response_information": 1, "reason_string": "why", "receive_maximum": 9,
    "topic_alias_maximum": 9, "topic_alias": 1, "user_property": ("name", "value"), "maximum_packet_size": 999,
    "assigned_client_identifier": "x", "server_keep_alive": 9, "response_information": "x", "server_reference": "x", "maximum_qos": 1,
    "retain_available": 1, "wildcard_subscription_available": 1, "subscription_identifier_available": 1, "shared_subscription_available": 1,
}
MESSAGE = {"payload_format_indicator", "message_expiry_interval", "content_type", "response_topic", "correlation_data", "user_property"}
ALLOWED = {
    "CONNECT": {
        "session_expiry_interval", "receive_maximum", "maximum_packet_size", "topic_alias_maximum", "request_response_information",
        "request_problem_information", "user_property", "authentication_method", "authentication_data",
    },
    "will": MESSAGE | {"will_delay_interval"},
    "PUBLISH": MESSAGE | {"topic_alias", "subscription_identifier"},
    "SUBSCRIBE": {"subscription_identifier", "user_property"},
    "UNSUBSCRIBE": {"user_property"},
    "PUBACK": {"reason_string", "user_property"}, "PUBREC": {"reason_string", "user_property"},
    "PUBREL": {"reason_string", "user_property"}, "PUBCOMP": {"reason_string", "user_property"},
    "DISCONNECT": {"session_expiry_interval", "reason_string", "user_property", "server_reference"},
}
BY_SERVERS_ONLY = {("PUBLISH", "subscription_identifier"), ("DISCONNECT", "server_reference")}
LASTING = [("session_expiry_interval", 60)]


def packet(kind, pairs):
    if kind == "CONNECT":
        return wire.connect("spec-2-2-2", V5, pairs=pairs)
    if kind == "will":
        return wire.connect("spec-2-2-2", V5, flags=4, rest=wire.properties(pairs) + wire.data("t") + wire.data("x"))
    if kind == "PUBLISH":
        return wire.publish("t", "x", V5, pairs=pairs)
    if kind == "SUBSCRIBE":
        return wire.subscribe(1, "t", V5, pairs)
    if kind == "UNSUBSCRIBE":
        return wire.unsubscribe(1, ["t"], V5, pairs)
    if kind == "DISCONNECT":
        return wire.frame(0xE0, b"\0" + wire.properties(pairs))
    first = {"PUBACK": 0x40, "PUBREC": 0x50, "PUBREL": 0x62, "PUBCOMP": 0x70}[kind]
    return wire.frame(first, b"\0\1\0" + wire.properties(pairs))


class properties(conversation):
    def setUp(self):
        super().setUp()
        self.witness = self.connected(V5)

    def tearDown(self):
        self.witness.ping()

    def refuse(self, kind, content, reason):
        if kind in ("CONNECT", "will"):
            client = self.client(V5)
            client.send(content)
            self.assertEqual(bytes([0, reason]), client.packet(wire.CONNACK).body[:2])
            client.expect_closed()
        else:
            self.assert_refused(self.connected(V5, pairs=LASTING), reason, content)

    def test_without_a_property_length_a_packet_is_malformed(self):
        """[5.0 MQTT-2.2.2-1] It is there though there are no properties: the packets of 3.1.1 are none of 5."""
        self.refuse("CONNECT", bytes.fromhex("10 0d  0004 4d515454 05 02 003c  0001 61"), 0x81)
        for content in ("30 03 0001 61", "32 05 0001 61 0001", "82 06 0001 0001 61 00", "a2 05 0001 0001 61"):
            with self.subTest(content):
                self.refuse("", content, 0x81)
        self.refuse("will", wire.connect("a", V5, flags=4, rest=wire.data("t") + wire.data("x")), 0x81)

    def test_what_is_sent_without_properties_has_a_length_of_0(self):
        """[5.0 MQTT-2.2.2-1] In PUBLISH, SUBACK and UNSUBACK, byte for byte, and in a CONNACK that has none."""
        client = self.connected(V5)
        client.send("82 08 0007 00 0002 6132 00")
        client.expect("90 04 0007 00 00")
        client.send("30 06 0002 6132 00 78")
        client.expect("30 06 0002 6132 00 78")
        client.send("a2 07 0008 00 0002 6132")
        client.expect("b0 04 0008 00 00")
        refused = self.client(V5)
        refused.send(wire.connect("a", V5, pairs=[("authentication_method", "none"), ("maximum_packet_size", 9)]))
        refused.expect("20 03 00 8c 00")
        refused.expect_closed()

    def test_a_repeated_property_that_may_be_there_once_is_a_protocol_error(self):
        """In each packet, each of its properties but User Property: 0x82, and nothing of the packet is done."""
        for kind, allowed in ALLOWED.items():
            for name in allowed - {"user_property"}:
                if (kind, name) in BY_SERVERS_ONLY:
                    continue
                with self.subTest(kind, property=name):
                    self.refuse(kind, packet(kind, [(name, VALUES[name])] * 2), 0x82)
                    self.refuse(kind, packet(kind, [(name, VALUES[name]), ("user_property", ("a", "b")), (name, VALUES[name])]), 0x82)

    def test_user_properties_may_be_repeated(self):
        """Also with the same name, in each packet."""
        twice = [("user_property", ("name", "value"))] * 2
        for kind in ("CONNECT", "will"):
            client = self.client(V5)
            client.send(packet(kind, twice))
            self.assertEqual(0, client.packet(wire.CONNACK).body[1])
        for kind in ("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"):
            client = self.connected(V5)
            client.send(packet(kind, twice) + wire.PING)
            while client.packet(wire.SUBACK, wire.UNSUBACK, wire.PUBREL, wire.PUBCOMP, wire.PINGRESP).type != wire.PINGRESP:
                pass

    def test_a_property_of_other_packets_is_malformed(self):
        """2.2.2.2: 0x81, for each packet and each property that is not in its list."""
        for kind, allowed in ALLOWED.items():
            for name in VALUES.keys() - allowed:
                with self.subTest(kind, property=name):
                    self.refuse(kind, packet(kind, [(name, VALUES[name])]), 0x81)

    def test_an_unknown_property_is_malformed(self):
        """2.2.2.2: whatever its number."""
        for number in (0x00, 0x04, 0x14, 0x1B, 0x20, 0x2B, 0x7F):
            for kind in ("CONNECT", "PUBLISH", "SUBSCRIBE", "DISCONNECT"):
                with self.subTest(kind, number=number):
                    good = packet(kind, [("user_property", ("", ""))])
                    self.refuse(kind, good.replace(b"\5\x26\0\0\0\0", b"\5" + bytes([number]) + b"\0\0\0\0"), 0x81)

    def test_properties_that_reach_past_their_length_are_malformed(self):
        """2.2.2.1: the length counts what belongs to the properties, and the packet has as much."""
        for content in ("30 04 0001 61 05", "30 06 0001 61 01 0101", "30 06 0001 61 03 0101", "30 07 0001 61 03 030009"):
            with self.subTest(content):
                self.refuse("", content, 0x81)


if __name__ == "__main__":
    harness.main()
