"""Clause 1.5 (1.5.3 in 3.1.1): UTF-8 strings, Variable Byte Integers and string pairs."""

from conversation import V5, conversation, harness, wire

ILL_FORMED = {
    "a surrogate, U+D800": b"\xed\xa0\x80", "a surrogate, U+DFFF": b"\xed\xbf\xbf", "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "two bytes for U+0000": b"\xc0\x80", "three bytes for U+0080": b"\xe0\x82\x80", "four bytes for U+20AC": b"\xf0\x82\x82\xac",
    "above U+10FFFF": b"\xf4\x90\x80\x80", "a byte that is none of UTF-8": b"\xff", "a continuation alone": b"\x80",
    "a sequence cut short": b"\xe2\x82", "a lead and no continuation": b"\xc3(",
}
BOM = "\ufeff"


def connects(text, version):
    """CONNECTs with `text` in each string that there is."""
    name = "spec-1-5"
    will = wire.properties((), version)
    found = {
        "client id": wire.connect(text, version),
        "will topic": wire.connect(name, version, flags=4, rest=will + wire.data(text) + wire.data("x")),
        "user name": wire.connect(name, version, flags=0x80, rest=wire.data(text)),
    }
    if version == V5:
        found["authentication method"] = wire.connect(name, V5, pairs=[("authentication_method", text)])
        found["content type of a will"] = wire.connect(name, V5, flags=4, rest=wire.properties([("content_type", text)]) + wire.data("t") + wire.data("x"))
    return found


def packets(text, version):
    """Packets after CONNECT with `text` in each string that there is."""
    found = {
        "topic": wire.publish(text, "x", version),
        "topic with QoS 1": wire.publish(text, "x", version, qos=1, packet_id=1),
        "filter": wire.subscribe(1, [(text, 0)], version),
        "filter of UNSUBSCRIBE": wire.unsubscribe(1, [text], version),
    }
    if version == V5:
        found["content type"] = wire.publish("t", "x", V5, pairs=[("content_type", text)])
        found["response topic"] = wire.publish("t", "x", V5, pairs=[("response_topic", text)])
        found["reason string of DISCONNECT"] = wire.frame(0xE0, b"\0" + wire.properties([("reason_string", text)]))
        found["reason string of PUBACK"] = wire.frame(0x40, b"\0\1\0" + wire.properties([("reason_string", text)]))
    return found


class utf_8(conversation):
    def refuse_connects(self, text):
        """In MQTT 5 CONNACK says why; in 3.1.1 there is no return code for it, and none is sent."""
        for version in self.versions():
            for where, content in connects(text, version).items():
                with self.subTest(where):
                    client = self.client(version)
                    client.send(content)
                    if version == V5:
                        self.assertEqual(b"\0\x81", client.packet(wire.CONNACK).body[:2])
                    client.expect_closed()

    def refuse_packets(self, text):
        for version in self.versions():
            for where, content in packets(text, version).items():
                with self.subTest(where):
                    self.assert_refused(self.connected(version), 0x81, content)

    def test_what_is_ill_formed_is_refused_and_so_are_surrogates(self):
        """[3.1.1 MQTT-1.5.3-1] [5.0 MQTT-1.5.4-1] Whoever sends it is closed, whichever string it stands in; others are not."""
        witness = self.connected()
        for what, text in ILL_FORMED.items():
            with self.subTest(what):
                self.refuse_packets(b"spec/" + text)
                self.refuse_connects(b"spec" + text)
        witness.ping()

    def test_u_0000_is_refused(self):
        """[3.1.1 MQTT-1.5.3-2] [5.0 MQTT-1.5.4-2] The null character stands in no string, wherever in it."""
        witness = self.connected()
        for text in (b"\0", b"spec\0", b"a long text of ASCII\0, and more of it"):
            with self.subTest(text=text):
                self.refuse_packets(text)
                self.refuse_connects(text)
        witness.ping()

    def test_all_other_characters_pass_as_they_are(self):
        """Non-characters and control characters as well: the standards ask not to use them, and do not forbid them."""
        texts = ["\x01", "\x1f", "\x7f", "\x80", "\x9f", "\u00e9", "\ud7ff", "\ue000", "\ufdd0", "\ufffe", "\uffff", "\U0001f600", "\U0001ffff", "\U0010ffff"]
        for version in self.versions():
            client, subscriber = self.connected(version), self.connected(version)
            for text in texts:
                with self.subTest(text=ascii(text)):
                    topic = self.name(f"{version}/a{text}b")
                    subscriber.subscribe(topic)
                    client.send(wire.publish(topic, "x", version))
                    subscriber.expect(wire.publish(topic, "x", version))
                    self.connected(version, topic).ping()

    def test_a_byte_order_mark_is_kept(self):
        """[3.1.1 MQTT-1.5.3-3] [5.0 MQTT-1.5.4-3] EF BB BF is the character U+FEFF at the beginning of a string, too."""
        for version in self.versions():
            plain = f"{version}/{self.name()}"
            client, with_mark, without = self.connected(version), self.connected(version), self.connected(version)
            with_mark.subscribe(BOM + plain)
            without.subscribe(plain)
            for topic in (BOM + plain, plain):  # of the first, a topic of its own, the second subscriber hears nothing
                client.send(wire.publish(topic, topic.encode(), version, qos=1, packet_id=1))
                client.packet(wire.PUBACK)
            with_mark.expect(wire.publish(BOM + plain, (BOM + plain).encode(), version))
            without.expect(wire.publish(plain, plain.encode(), version))
            with_mark.ping()
            will = wire.properties((), version) + wire.data(BOM + plain) + wire.data("will")
            self.connected(version, flags=4, rest=will).socket.close()
            with_mark.expect(wire.publish(BOM + plain, "will", version))

    def test_a_byte_order_mark_makes_another_client_id(self):
        """[3.1.1 MQTT-1.5.3-3] [5.0 MQTT-1.5.4-3] Neither of two that differ by it takes the session of the other over."""
        for version in self.versions():
            one, other = (self.connected(version, mark + f"{version}-bom") for mark in ("", BOM))
            one.ping()
            other.ping()

    def test_a_byte_order_mark_is_kept_in_properties(self):
        """[5.0 MQTT-1.5.4-3] What is handed on has it still."""
        pairs = [("content_type", BOM + "text"), ("user_property", (BOM + "name", BOM + "value"))]
        client, topic = self.connected(V5), self.name("t")
        client.subscribe(topic)
        client.send(wire.publish(topic, BOM, V5, pairs=pairs))
        client.expect(wire.publish(topic, BOM, V5, pairs=pairs))

    def test_both_strings_of_a_pair_are_utf_8(self):
        """[5.0 MQTT-1.5.7-1] A user property with another name or value is malformed, in any packet that takes one."""
        witness = self.connected(V5)
        for bad in (b"\xed\xa0\x80", b"\0", b"\xc3("):
            for pair in ((bad, b"value"), (b"name", bad)):
                pairs = [("user_property", pair)]
                with self.subTest(pair=pair):
                    for content in (
                        wire.publish("t", "x", V5, pairs=pairs), wire.subscribe(1, "t", V5, pairs), wire.unsubscribe(1, ["t"], V5, pairs),
                        wire.frame(0x40, b"\0\1\0" + wire.properties(pairs)), wire.frame(0xE0, b"\0" + wire.properties(pairs)),
                    ):
                        self.assert_refused(self.connected(V5), 0x81, content)
                    for content in (wire.connect("a", V5, pairs=pairs), wire.connect("a", V5, flags=4, rest=wire.properties(pairs) + wire.data("t") + wire.data("x"))):
                        client = self.client(V5)
                        client.send(content)
                        self.assertEqual(b"\0\x81", client.packet(wire.CONNACK).body[:2])
                        client.expect_closed()
        witness.ping()


class variable_byte_integers(conversation):
    settings = ("limits.max_packet_bytes=4MiB", "limits.max_output_bytes=8MiB")

    def test_what_is_sent_has_the_shortest_form(self):
        """[5.0 MQTT-1.5.5-1] The Remaining Length on both sides of where it needs a byte more."""
        for version in self.versions():
            client, topic = self.connected(version), self.name("t")
            client.subscribe(topic)
            overhead = len(wire.publish(topic, b"", version)) - 2
            for length in (overhead, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152):
                content = wire.publish(topic, bytes(length - overhead), version)
                client.send(content)
                client.expect(content)

    def test_a_property_length_that_is_sent_has_the_shortest_form(self):
        """[5.0 MQTT-1.5.5-1] Of one byte, of two and of three."""
        client, topic = self.connected(V5), self.name("t")
        client.subscribe(topic)
        for length in (127, 128, 16_383, 16_384):
            content = wire.publish(topic, "x", V5, pairs=[("correlation_data", bytes(length - 3))])
            self.assertIn(wire.variable(length) + b"\x09", content)
            client.send(content)
            client.expect(content)

    def test_a_subscription_identifier_that_is_sent_has_the_shortest_form(self):
        """[5.0 MQTT-1.5.5-1] A property whose value is such a number."""
        client = self.connected(V5)
        for identifier in (1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455):
            topic, pairs = self.name(identifier), [("subscription_identifier", identifier)]
            client.send(wire.subscribe(1, topic, V5, pairs))
            client.packet(wire.SUBACK)
            client.send(wire.publish(topic, "x", V5))
            client.expect(wire.publish(topic, "x", V5, pairs=pairs))

    def test_what_has_more_bytes_than_it_needs_is_malformed(self):
        """[5.0 MQTT-1.5.5-1] A Remaining Length, a Property Length, and the value of a property."""
        witness = self.connected(V5)
        for content in (
            "c0 80 00", "c0 80 80 80 00", "30 84 00  0001 61 00", "30 85 80 00  0001 61 00 78",
            "30 05  0001 61 8000", "30 09  0001 61 8400 03 000174", "82 08 0001 8000 0001 61 00", "a2 07 0001 8000 0001 61", "e0 03 00 8000",
            "82 0a 0001 03 0b8100 0001 61 00",
        ):
            with self.subTest(content):
                self.assert_refused(self.connected(V5), 0x81, content)
        client = self.client(V5)
        client.send("10 0f  0004 4d515454 05 02 0000 8000 0001 61")
        self.assertEqual(b"\0\x81", client.packet(wire.CONNACK).body[:2])
        client.expect_closed()
        witness.ping()

    def test_3_1_1_allows_a_remaining_length_of_more_bytes_than_it_needs(self):
        """It says how such a number is read, and nothing of its shortest form."""
        client = self.client()
        client.send("10 8d80 00  0004 4d515454 04 02 0000 0001 62")
        client.expect("20 02 00 00")
        client.send("c0 80 80 80 00")
        client.expect("d0 00")

    def test_a_remaining_length_of_five_bytes_is_malformed(self):
        """2.1.4 (2.2.3 in 3.1.1): no more than four, whatever the packet; nobody waits for the fifth."""
        witness = self.connected()
        for version in self.versions():
            for content in ("30 ff ff ff ff 01", "30 80 80 80 80 00", "c0 80 80 80 80", "10 ff ff ff ff"):
                with self.subTest(content):
                    self.assert_refused(self.connected(version), 0x81, content)
                    first = self.client(version)
                    first.send(content)
                    first.expect_closed()
        witness.ping()


if __name__ == "__main__":
    harness.main()
