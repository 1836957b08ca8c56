"""Clause 3.3.2.3: the properties of PUBLISH, but for the alias. What takes time is in mqtt5_3_3_2_expiry_test.cpp."""

from conversation import V5, V311, harness, wire
from messages import AS_PUBLISHED, RETAIN, messages

USER_PROPERTIES = [("user_property", pair) for pair in (("b", "1"), ("a", "2"), ("b", "1"), ("", ""), ("b", "0"), ("ü", "日本"), ("x" * 300, "y"))]
EVERYTHING = [
    ("user_property", ("first", "before all others")), ("correlation_data", b"\x00\xff\x10 not text"), ("content_type", "text/plain; ü"),
    ("response_topic", "answers/here"), ("payload_format_indicator", 1), ("user_property", ("last", "")),
]


class forwarded(messages):
    def assert_unaltered(self, pairs):
        """These properties come to every kind of subscriber as they were published, in their order: live, retained, kept for a session."""
        for qos in (0, 1, 2):
            self._forwarded = getattr(self, "_forwarded", 0) + 1
            topic = self.name(str(self._forwarded))
            publisher = self.connected(V5)
            live = [self.subscriber(V5, (text, options)) for text in (topic, f"{topic}/#") for options in (0, 1, 2 | AS_PUBLISHED)]
            away = self.keeping(V5, topic)
            self.subscribe(away, (topic, 2))
            self.lose(away)
            self.publish(publisher, topic, "x", qos, pairs, RETAIN)
            self.publish(publisher, topic, "last")
            for client in live:
                self.assertEqual((b"x", pairs), self.payload_and_properties(client))
                self.assertEqual((b"last", []), self.payload_and_properties(client))
            later = self.subscriber(V5, (topic, 2))
            self.assertEqual((b"x", pairs), self.payload_and_properties(later))
            back = self.keeping(V5, topic)
            if qos > 0:
                self.assertEqual((b"x", pairs), self.payload_and_properties(back))
            self.assertEqual((b"last", []), self.payload_and_properties(back))

    def payload_and_properties(self, client):
        found = self.next_message(client)
        return found.payload, found.properties

    def test_payload_format_indicator(self):
        """[5.0 MQTT-3.3.2-4] 0 as well as 1, and none where there was none; the payload need not be what it says."""
        for value in (0, 1):
            self.assert_unaltered([("payload_format_indicator", value)])

    def test_response_topic(self):
        """[5.0 MQTT-3.3.2-15] Response topic untouched, whoever may read it."""
        for topic in ("a", "/", "answers/ü/日本", "$SYS/x"):
            self.assert_unaltered([("response_topic", topic)])

    def test_correlation_data(self):
        """[5.0 MQTT-3.3.2-16] Correlation data untouched, which are bytes, and may be none."""
        for data in (b"", b"\0", bytes(range(256)) * 4):
            self.assert_unaltered([("correlation_data", data)])

    def test_user_properties(self):
        """[5.0 MQTT-3.3.2-17] [5.0 MQTT-3.3.2-18] All of them, in their order, also those that come twice or say nothing."""
        self.assert_unaltered(USER_PROPERTIES)
        self.assert_unaltered(USER_PROPERTIES[::-1])

    def test_content_type(self):
        """[5.0 MQTT-3.3.2-20] Whatever it says."""
        for text in ("", "text/plain", "ü/日本"):
            self.assert_unaltered([("content_type", text)])

    def test_all_of_them(self):
        """Each beside all others, user properties on both sides of them."""
        self.assert_unaltered(EVERYTHING)

    def test_those_that_do_not_travel_are_taken_out(self):
        """An alias stands for the sender's connection alone; all else stays as it was, in its order."""
        topic = self.name()
        client, publisher = self.subscriber(V5, (topic, 1)), self.connected(V5)
        self.publish(publisher, topic, "x", 1, [*EVERYTHING[:3], ("topic_alias", 1), *EVERYTHING[3:]])
        self.assertEqual((b"x", EVERYTHING), self.payload_and_properties(client))

    def test_between_the_versions(self):
        """What 3.1.1 publishes has none in 5.0, and what 5.0 publishes loses them in 3.1.1."""
        topic = self.name()
        older, newer = self.subscriber(V311, (topic, 0)), self.subscriber(V5, (topic, 0))
        self.publish(self.connected(V5), topic, "new", 1, EVERYTHING)
        self.publish(self.connected(V311), topic, "old", 1)
        for payload, pairs in (("new", EVERYTHING), ("old", [])):
            older.expect(wire.publish(topic, payload))
            newer.expect(wire.publish(topic, payload, V5, pairs=pairs))


class refused(messages):
    WRONG_TEXTS = (b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"a\0b")

    def assert_properties_refused(self, reason, encoded):
        """The bytes of properties, without their length before them, end the connection; the message is not delivered."""
        topic = self.name()
        client, publisher = self.subscriber(V5, (topic, 2)), self.connected(V5)
        for content in encoded:
            body = wire.data(topic) + wire.variable(len(content)) + content
            self.assert_refused(self.connected(V5), reason, wire.frame(0x30, body + b"bad"))
            body = wire.data(topic) + b"\0\7" + wire.variable(len(content)) + content
            self.assert_refused(self.connected(V5), reason, wire.frame(0x34, body + b"bad"))
        self.assert_nothing_came(publisher, client, topic)

    def test_response_topic_that_is_not_utf_8(self):
        """[5.0 MQTT-3.3.2-13] Malformed."""
        self.assert_properties_refused(0x81, [b"\x08" + wire.data(text) for text in self.WRONG_TEXTS])

    def test_response_topic_with_wildcards(self):
        """[5.0 MQTT-3.3.2-14] A topic to publish to has none."""
        self.assert_properties_refused(0x82, [b"\x08" + wire.data(text) for text in ("#", "+", "a/+", "a/#", "a+b", "#/a")])

    def test_content_type_that_is_not_utf_8(self):
        """[5.0 MQTT-3.3.2-19] Malformed."""
        self.assert_properties_refused(0x81, [b"\x03" + wire.data(text) for text in self.WRONG_TEXTS])

    def test_user_properties_that_are_not_utf_8(self):
        """Neither name nor value may be anything else."""
        pairs = [wire.data(text) + wire.data("x") for text in self.WRONG_TEXTS] + [wire.data("x") + wire.data(text) for text in self.WRONG_TEXTS]
        self.assert_properties_refused(0x81, [b"\x26" + pair for pair in pairs])

    def test_a_property_that_comes_twice(self):
        """Each but the user property comes once at most, the same value or another."""
        once = [b"\x01\x01", b"\x02\0\0\0\x09", b"\x03" + wire.data("a"), b"\x08" + wire.data("a"), b"\x09" + wire.data("a"), b"\x23\0\1"]
        self.assert_properties_refused(0x82, [content * 2 for content in once])
        self.assert_properties_refused(0x82, [content + b"\x26" + wire.data("a") * 2 + content for content in once])

    def test_a_payload_format_that_is_none(self):
        """It is 0 or 1."""
        self.assert_properties_refused(0x82, [b"\x01\x02", b"\x01\xff"])

    def test_a_property_of_another_packet_or_of_none(self):
        """Known where it does not belong, not known at all, or cut off."""
        self.assert_properties_refused(0x81, [b"\x11\0\0\0\1", b"\x1f" + wire.data("a"), b"\x18\0\0\0\1", b"\x21\0\1", b"\x00\x01", b"\x7f\x01", b"\x01", b"\x02\0\0\0"])


if __name__ == "__main__":
    harness.main()
