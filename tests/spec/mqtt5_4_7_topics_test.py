"""Clause 4.7: Topic Names and Topic Filters."""

from conversation import V5, harness, wire
from subscribing import subscribing

MALFORMED, PROTOCOL_ERROR, BAD_FILTER, BAD_TOPIC = 0x81, 0x82, 0x8F, 0x90

LONGEST = 65_535


class wildcards(subscribing):
    def test_they_do_not_stand_in_a_topic_name(self):
        """[3.1.1 MQTT-4.7.1-1] [5.0 MQTT-4.7.0-1] A PUBLISH or a will to a filter is refused; in filters they work."""
        heir, place = self.connected(), self.name("")
        self.granted(heir, place + "+", place + "a/#")
        for version in self.versions():
            for text in ("#", "+", place + "#", place + "+", place + "a/+/b", place + "a+", place + "#a", "+" + place):
                for qos in range(3):
                    self.assert_refused(self.connected(version), BAD_TOPIC, wire.publish(text, "x", version, qos, 1))
                client = self.client(version)
                client.send(wire.connect("w", version, flags=4, rest=(b"\0" if version == V5 else b"") + wire.data(text) + wire.data("x")))
                if version == V5:
                    self.assertEqual(BAD_TOPIC, client.packet(wire.CONNACK).body[1])
                client.expect_closed()
            self.publish(self.connected(version), place + "x", "good", 0)
            self.assertEqual(b"good", heir.message().payload)

    def refused_and_granted(self, refused, granted):
        for version in self.versions():
            for text in refused:
                for content in (wire.subscribe(1, [("good", 0), (text, 0)], version), wire.unsubscribe(1, ["good", text], version)):
                    self.assert_refused(self.connected(version), BAD_FILTER, content)
            client = self.connected(version)
            self.assertEqual([0] * len(granted), self.granted(client, *granted))
            self.assertEqual([0] * len(granted) if version == V5 else [], self.dropped(client, *granted))

    def test_the_multi_level_wildcard_is_alone_at_the_end(self):
        """[3.1.1 MQTT-4.7.1-2] [5.0 MQTT-4.7.1-1] Alone, or behind a '/', and the last; anything else is refused."""
        self.refused_and_granted(
            refused=["a#", "a/b#", "a/#/b", "#/a", "#/", "##", "a/##", "#a", "/#/", "+#", "#+", "a/#b", " #"],
            granted=["q/#", "q/w/#", "/#", "//#", "q//#", "+/q/#", " /#"],
        )

    def test_the_single_level_wildcard_is_a_whole_level(self):
        """[3.1.1 MQTT-4.7.1-3] [5.0 MQTT-4.7.1-2] Anywhere in the filter; beside another character it is refused."""
        self.refused_and_granted(
            refused=["a+", "+a", "a/b+", "a/+b", "a/+b/c", "++", "a/++/b", "+ ", "a/b+/#", "+/a+"],
            granted=["+/q", "q/+", "q/+/w", "+/+/q", "/+/q", "q/+/", "+/q/#", "q/+/+/w"],
        )

    TOPICS = ("s", "s/", "s/a", "s/a/b", "s//b", "s/a/", "/s", "t", "/", "s/a/b/c", "sa")
    MATCHED = {
        "s/#": {"s", "s/", "s/a", "s/a/b", "s//b", "s/a/", "s/a/b/c"}, "s/+": {"s/", "s/a"}, "s/+/b": {"s/a/b", "s//b"}, "+": {"s", "t", "sa"},
        "+/+": {"s/", "s/a", "/s", "/"}, "/+": {"/s", "/"}, "s/a/+": {"s/a/b", "s/a/"}, "s/+/#": {"s/", "s/a", "s/a/b", "s//b", "s/a/", "s/a/b/c"},
        "#": set(TOPICS), "s/a/#": {"s/a", "s/a/b", "s/a/", "s/a/b/c"}, "s/a/b": {"s/a/b"}, "/#": {"/s", "/"},
    }

    def test_what_they_match(self):
        """[3.1.1 MQTT-4.7.1-2] [3.1.1 MQTT-4.7.1-3] [5.0 MQTT-4.7.1-1] [5.0 MQTT-4.7.1-2] '#' the parent and all below, '+' one level, also an empty one."""
        place = self.name("")
        for version in self.versions():
            publisher = self.connected(version)
            for text, expected in self.MATCHED.items():
                client = self.connected(version)
                self.granted(client, (place + text, 1))
                for topic in self.TOPICS:
                    self.publish(publisher, place + topic, topic)
                came = {self.next_message(client).payload.decode() for _ in expected}
                self.assertEqual(expected, came, text)
                self.dropped(client, place + text)
                for topic in sorted(set(self.TOPICS) - expected):
                    self.assert_none_came(client, place + topic, publisher)
                client.socket.close()

    def test_what_they_match_of_what_is_retained(self):
        """[3.1.1 MQTT-4.7.1-2] [3.1.1 MQTT-4.7.1-3] [5.0 MQTT-4.7.1-1] [5.0 MQTT-4.7.1-2] The same, though the server looks there in another way."""
        for version in self.versions():
            publisher, place = self.connected(version), self.name(f"{version}/")
            for topic in self.TOPICS:
                self.publish(publisher, place + topic, topic, retain=True)
            for text, expected in self.MATCHED.items():
                client = self.connected(version)
                self.granted(client, (place + text, 1))
                for topic in expected:
                    self.publish(publisher, place + topic, "live")  # of each topic behind what is retained
                came = [self.next_message(client) for _ in range(2 * len(expected))]
                self.assertEqual(sorted(expected), sorted(each.payload.decode() for each in came if each.retain), text)
                client.socket.close()


class dollar(subscribing):
    def test_a_leading_wildcard_does_not_match_it(self):
        """[3.1.1 MQTT-4.7.2-1] [5.0 MQTT-4.7.2-1] Neither '#' nor '+...' shows a topic with '$', live or retained; a filter with '$' does."""
        publisher, rest = self.connected(), self.name("t")
        for mark in self.marks():
            self.publish(publisher, mark, "other", retain=True)  # so that each shard has something for '#'
        for version in self.versions():
            for kept in (False, True):
                topic = f"$odd{version}{kept}/{rest}"
                levels = len(topic.split("/"))
                leading = ["#", "+/#", "+/" + rest, "/".join("+" * levels)]
                client = self.connected(version)
                if not kept:
                    self.granted(client, *((each, 1) for each in leading))
                    self.drain(client, publisher)
                    self.publish(publisher, topic, "x")
                    self.assert_none_came_of(client, topic, publisher)
                self.publish(publisher, topic, "kept", retain=kept)
                client = self.connected(version)
                self.granted(client, *((each, 1) for each in leading))
                self.assertNotIn(topic, self.drain(client, publisher))
                for text in (topic, f"$odd{version}{kept}/#", f"$odd{version}{kept}/+/t"):
                    other = self.connected(version)
                    self.granted(other, (text, 1))
                    if kept:
                        self.assertEqual((topic, True), (lambda found: (found.topic, found.retain))(self.next_message(other)))
                    self.publish(publisher, topic, "live")
                    self.assertEqual((topic, b"live"), self.next_message(other)[:2])
                self.publish(publisher, topic, "", retain=True)

    def test_within_a_topic_it_is_a_character_like_others(self):
        """[3.1.1 MQTT-4.7.2-1] [5.0 MQTT-4.7.2-1] Only at the beginning it hides a topic, and only from a filter that begins with a wildcard."""
        publisher, place = self.connected(), self.name("")
        for version in self.versions():
            client = self.connected(version)
            self.granted(client, (place + "+/x", 1), (place + "y/#", 1), "$" + place + "+")
            for topic in (place + "$a/x", place + "y/$SYS/z", "$" + place + "$b"):
                self.publish(publisher, topic, "x")
                self.assertEqual(topic, self.next_message(client).topic)

    def test_topics_of_the_server_are_not_shown_by_a_wildcard(self):
        """[3.1.1 MQTT-4.7.2-1] [5.0 MQTT-4.7.2-1] $SYS/... does not come to '#', and does to '$SYS/#'."""
        for version in self.versions():
            client = self.connected(version)
            self.granted(client, "$SYS/broker/#")
            self.assertTrue(client.message().topic.startswith("$SYS/broker/"))
            client = self.connected(version)
            self.granted(client, ("#", 1), ("+/broker/#", 1), ("+/broker/uptime", 1))
            self.assertEqual([], [topic for topic in self.drain(client, self.connected()) if topic.startswith("$SYS")])

    def marks(self):
        """Topics in all shards."""
        return [self.name(f"mark {n}") for n in range(64)]

    def drain(self, client, publisher):
        """The topics of all that was retained, and all that was published before; it has '#' at QoS 1, where nothing is overtaken."""
        topics, missing = [], set(self.marks())
        for mark in self.marks():
            self.publish(publisher, mark, "mark")
        while missing:
            found = self.next_message(client)
            topics.append(found.topic)
            if found.payload == b"mark":
                missing.discard(found.topic)
        return topics

    def assert_none_came_of(self, client, topic, publisher):
        """Like assert_none_came, for one to whom other topics come."""
        self.granted(client, topic)
        self.publish(publisher, topic, "the end")
        while (found := self.next_message(client)).topic != topic:
            pass
        self.assertEqual(b"the end", found.payload)


class length_and_characters(subscribing):
    def test_they_are_at_least_one_character_long(self):
        """[3.1.1 MQTT-4.7.3-1] [5.0 MQTT-4.7.3-1] An empty name or filter is refused; one character is enough."""
        publisher = self.connected()
        for version in self.versions():
            for content in (wire.publish("", "x", version), wire.publish("", "x", version, 1, 1), wire.publish("", "x", version, 2, 1)):
                self.assert_refused(self.connected(version), PROTOCOL_ERROR, content)
            for content in (wire.subscribe(1, "", version), wire.subscribe(1, [("a", 0), ("", 0)], version), wire.unsubscribe(1, [""], version)):
                self.assert_refused(self.connected(version), BAD_FILTER, content)
            will = (b"\0" if version == V5 else b"") + wire.data("") + wire.data("x")
            client = self.client(version)
            client.send(wire.connect("w", version, flags=4, rest=will))
            if version == V5:
                self.assertGreaterEqual(client.packet(wire.CONNACK).body[1], 0x80)
            client.expect_closed()
            for topic in ("a", "/", " ", "é"):
                client = self.connected(version)
                self.assertEqual([0], self.granted(client, topic))
                self.publish(publisher, topic, "x")
                self.assertEqual(topic, client.message().topic)

    def test_without_u_0000(self):
        """[3.1.1 MQTT-4.7.3-2] [5.0 MQTT-4.7.3-2] A null character anywhere is malformed, in names, filters and wills."""
        for version in self.versions():
            for text in ("\0", "a\0", "\0a", "a/\0/b", "long enough for words of eight bytes\0", "é\0"):
                for content in (
                    wire.publish(text, "x", version), wire.publish(text, "x", version, 1, 1), wire.subscribe(1, text, version),
                    wire.subscribe(1, [("a", 0), (text, 0)], version), wire.unsubscribe(1, [text], version),
                ):
                    self.assert_refused(self.connected(version), MALFORMED, content)
                client = self.client(version)
                client.send(wire.connect("w", version, flags=4, rest=(b"\0" if version == V5 else b"") + wire.data(text) + wire.data("x")))
                if version == V5:
                    self.assertEqual(MALFORMED, client.packet(wire.CONNACK).body[1])
                client.expect_closed()

    def test_of_the_maximum_length(self):
        """[3.1.1 MQTT-4.7.3-3] [5.0 MQTT-4.7.3-3] 65,535 bytes are taken, kept, matched and delivered whole, by literal and wildcard."""
        for version in self.versions():
            publisher = self.connected(version)
            for letter in ("x", "é"):
                first = self.name(f"{version}{ord(letter)}")
                left = LONGEST - len(first.encode()) - 1
                topic = first + "/" + letter * (left // len(letter.encode()))
                topic += "." * (LONGEST - len(topic.encode()))
                self.assertEqual(LONGEST, len(topic.encode()))
                self.publish(publisher, topic, "kept", retain=True)
                for text in (topic, first + "/+", first + "/#"):
                    for qos in range(3):
                        client = self.connected(version)
                        self.assertEqual([qos], self.granted(client, (text, qos)))
                        found = self.next_message(client)
                        self.assertEqual((topic, b"kept", True), (found.topic, found.payload, found.retain))
                        self.publish(publisher, topic, "live", qos)
                        self.assertEqual((topic, b"live", qos), self.next_message(client)[:3])
                        self.dropped(client, text)
                        client.socket.close()
                other = topic[:-1] + "!"
                client = self.connected(version)
                self.granted(client, other)
                self.publish(publisher, topic, "not for it")
                self.publish(publisher, other, "the end")
                self.assertEqual((other, b"the end"), client.message()[:2])

    def test_a_topic_that_says_it_is_longer_than_its_packet(self):
        """[3.1.1 MQTT-4.7.3-3] [5.0 MQTT-4.7.3-3] The length is two bytes; one that reaches past the packet is malformed."""
        for version in self.versions():
            for content in ("30 03 ffff 61", "82 06 0001 ffff 61 00", "a2 05 0001 ffff 61"):
                if version == V5:
                    content = content.replace("82 06 0001", "82 07 0001 00").replace("a2 05 0001", "a2 06 0001 00")
                self.assert_refused(self.connected(version), MALFORMED, content)


class matching(subscribing):
    # Pairs that a server which normalises would take for the same: case, spaces, separators, composition, width, marks.
    PAIRS = (
        ("Case", "case"), ("end", "end/"), ("start", "/start"), ("a//b", "a/b"), ("space ", "space"), (" lead", "lead"), ("in side", "inside"),
        ("\u00e9", "e\u0301"), ("\u212b", "\u00c5"), ("\uff21", "A"), ("\ufb01", "fi"), ("bom", "\ufeffbom"), ("zwj", "zw\u200dj"), ("%20", " "),
        ("dot/./x", "dot/x"), ("up/../x", "x"), ("back\\x", "back/x"), ("tab", "tab\t"), ("\u0130", "i"), ("ss", "\u00df"), ("\ufffd", "?"),
        ("\ufffe", "\uffff"), ("\x01", "\x7f"), ("&amp;", "&"),
    )

    def test_no_normalisation(self):
        """[3.1.1 MQTT-4.7.3-4] [5.0 MQTT-4.7.3-4] Neither of a pair is taken for the other, each comes as it was written, by literal and wildcard."""
        place = self.name("")
        for version in self.versions():
            publisher = self.connected(version)
            for number, (one, other) in enumerate(self.PAIRS):
                for mine, foreign in ((one, other), (other, one)):
                    first = f"{place}{number}"
                    for before, behind in (("/", ""), ("/", "/+"), ("/+/", "")):
                        client = self.connected(version)
                        tail = "/tail" if behind else ""
                        middle = "/m/" if before == "/+/" else "/"
                        self.granted(client, (first + before + mine + behind, 1))
                        self.publish(publisher, first + middle + foreign + tail, "not for it")
                        self.publish(publisher, first + middle + mine + tail, "for it")
                        found = self.next_message(client)
                        self.assertEqual((first + middle + mine + tail, b"for it"), found[:2])
                        client.send(wire.unsubscribe(5, [first + before + foreign + behind], version))
                        client.packet(wire.UNSUBACK)
                        self.publish(publisher, first + middle + mine + tail, "still")
                        self.assertEqual(b"still", self.next_message(client).payload)
                        self.assert_none_came(client, first + middle + foreign + tail, publisher)
                        client.socket.close()

    def test_levels_that_are_empty(self):
        """[3.1.1 MQTT-4.7.3-4] [5.0 MQTT-4.7.3-4] A '/' at the beginning, at the end or beside another makes a level of its own."""
        publisher, place = self.connected(), self.name("")
        topics = ["/", "//", "/a", "a/", "/a/", "a", "a//", "//a"]
        for version in self.versions():
            for topic in topics:
                client = self.connected(version)
                self.granted(client, (place + topic, 1))
                for other in topics:
                    if other != topic:
                        self.publish(publisher, place + other, "not for it")
                self.publish(publisher, place + topic, "for it")
                self.assertEqual((place + topic, b"for it"), self.next_message(client)[:2])
                for other in topics:
                    if other != topic:
                        self.assert_none_came(client, place + other, publisher)


if __name__ == "__main__":
    harness.main()
