"""Clause 3.8.4: what a server does on SUBSCRIBE. What SUBACK promises about messages is in mqtt5_3_8_4_routes_test.py."""

from conversation import V5, harness, wire
from messages import AS_PUBLISHED, NEW_ONLY, NO_LOCAL, NO_RETAINED
from subscribing import subscribing


class answers(subscribing):
    def test_each_subscribe_gets_a_suback_with_its_packet_id(self):
        """[3.1.1 MQTT-3.8.4-1] [3.1.1 MQTT-3.8.4-2] [5.0 MQTT-3.8.4-1] [5.0 MQTT-3.8.4-2] One for each, also when many come together."""
        for version in self.versions():
            client = self.connected(version)
            ids = [1, 2, 0x0102, 0x7FFF, 0x8000, 0xFFFF, 1]
            client.send(b"".join(wire.subscribe(each, self.name(str(each)), version) for each in ids))
            answered = [client.packet(wire.SUBACK).body[:2] for _ in ids]
            self.assertEqual(sorted(each.to_bytes(2, "big") for each in ids), sorted(answered))
            client.ping()

    def test_many_filters_are_as_many_subscribes_with_one_suback(self):
        """[3.1.1 MQTT-3.8.4-4] [5.0 MQTT-3.8.4-5] Each of them holds; of the same filter twice the later one does."""
        publisher, place = self.connected(), self.name("")
        for version in self.versions():
            client = self.connected(version)
            codes = self.granted(client, (place + "a", 2), (place + "b", 0), (place + "a", 1), (place + "+/c", 1))
            self.assertEqual([2, 0, 1, 1], codes)
            for topic, qos in (("a", 1), ("b", 0), ("x/c", 1)):
                self.publish(publisher, place + topic, topic, 2)
                found = self.next_message(client)
                self.assertEqual((place + topic, qos), (found.topic, found.qos))
            self.dropped(client, place + "a")
            self.publish(publisher, place + "a", "over")
            self.assert_none_came(client, place + "a", publisher)

    def test_the_same_filter_twice_sends_retained_messages(self):
        """[3.1.1 MQTT-3.8.4-4] [5.0 MQTT-3.8.4-5] At the later QoS at last; once with Retain Handling 1, since the second is not new."""
        publisher, topic = self.connected(), self.name("t")
        self.publish(publisher, topic, "kept", retain=True)
        for version in self.versions():
            for first, second, counts in ((0, 1, (1, 2)), *([(NEW_ONLY | 1, NEW_ONLY | 1, (1,))] if version == V5 else [])):
                client = self.connected(version)
                self.granted(client, (topic, first), (topic, second))
                self.publish(publisher, topic, "live")
                found = [self.next_message(client)]
                while found[-1].payload != b"live":
                    found.append(self.next_message(client))
                self.assertIn(len(found) - 1, counts)
                self.assertEqual((b"live", 1, False), (found[-1].payload, found[-1].qos, found[-1].retain))
                self.assertEqual((b"kept", 1, True), (found[-2].payload, found[-2].qos, found[-2].retain))

    def test_delivery_is_at_the_lower_of_the_qos(self):
        """[3.1.1 MQTT-3.8.4-6] [5.0 MQTT-3.8.4-8] Of the message's and the granted one, live and retained, also through wildcards."""
        publisher = self.connected()
        for version in self.versions():
            for granted in range(3):
                for text in ("{}", "+/{}", "{}/#"):
                    for published in range(3):
                        place = f"{self.id().rsplit('.', 1)[1]}-{version}"
                        topic = f"{place}/{granted}{published}" if text[0] == "+" else f"{place}{granted}{published}"
                        chosen = text.format(topic.rsplit("/", 1)[-1])
                        self.publish(publisher, topic, "kept", published, retain=True)
                        client = self.connected(version)
                        self.assertEqual([granted], self.granted(client, (chosen, granted)))
                        kept = self.next_message(client)
                        self.publish(publisher, topic, "live", published)
                        live = self.next_message(client)
                        lower = min(granted, published)
                        self.assertEqual([(b"kept", lower), (b"live", lower)], [(kept.payload, kept.qos), (live.payload, live.qos)])
                        self.publish(publisher, topic, "", retain=True)


class replacing(subscribing):
    def test_an_identical_filter_replaces_the_subscription(self):
        """[3.1.1 MQTT-3.8.4-3] [5.0 MQTT-3.8.4-3] Messages come once, at the new QoS; one UNSUBSCRIBE ends it."""
        publisher = self.connected()
        for version in self.versions():
            for text in ("t", "+/t", "#"):
                place = self.name(f"{version}{ord(text[0])}/")
                client = self.connected(version)
                for qos in (2, 0, 1, 2, 1):
                    self.assertEqual([qos], self.granted(client, (place + text, qos)))
                    topic = place + text.replace("+", "x").replace("#", "y/z")
                    for payload in (b"first", b"second"):
                        self.publish(publisher, topic, payload, 2)
                        self.assertEqual((payload, qos), self.next_message(client)[1:3])
                self.dropped(client, place + text)
                self.publish(publisher, topic, "over")
                self.assert_none_came(client, topic, publisher)

    def test_with_all_its_options(self):
        """[5.0 MQTT-3.8.4-3] Identifier, No Local and Retain As Published are those of the latest SUBSCRIBE, and gone when it has none."""
        client, publisher, topic = self.connected(V5), self.connected(), self.name("t")
        for identifier, options in ((7, 0), (None, NO_LOCAL), (300, AS_PUBLISHED), (None, 0)):
            pairs = [] if identifier is None else [("subscription_identifier", identifier)]
            self.granted(client, (topic, options | NO_RETAINED), pairs=pairs)
            client.send(wire.publish(topic, "own", V5))
            if not options & NO_LOCAL:
                self.assertEqual((b"own", pairs), (lambda found: (found.payload, found.properties))(client.message()))
            client.ping()
            self.publish(publisher, topic, "other", retain=True)
            found = client.message()
            self.assertEqual((b"other", bool(options & AS_PUBLISHED), pairs), (found.payload, found.retain, found.properties))

    def test_a_shared_subscription_with_the_same_filter_is_another_one(self):
        """[5.0 MQTT-3.8.4-3] It neither replaces the one that is not shared nor is replaced by it."""
        client, publisher, topic = self.connected(V5), self.connected(), self.name("t")
        shared = "$share/g/" + topic
        self.granted(client, (topic, 1), pairs=[("subscription_identifier", 1)])
        self.granted(client, (shared, 0), pairs=[("subscription_identifier", 2)])
        self.publish(publisher, topic, "x")
        found = [self.next_message(client) for _ in range(2)]
        self.assertEqual([(0, 2), (1, 1)], sorted((each.qos, each.properties[0][1]) for each in found))
        self.assertEqual([0], self.dropped(client, shared))
        self.publish(publisher, topic, "y")
        self.assertEqual((b"y", 1), self.next_message(client)[1:3])
        client.ping()

    def test_retained_messages_are_sent_again(self):
        """[3.1.1 MQTT-3.8.4-3] [5.0 MQTT-3.8.4-4] At each SUBSCRIBE (Retain Handling 0), whatever the QoS, and with wildcards all of them."""
        publisher, place = self.connected(), self.name("")
        for last in "ab":
            self.publish(publisher, place + last, "kept " + last, retain=True)
        for version in self.versions():
            client = self.connected(version)
            for qos in (0, 0, 1, 0, 2):
                self.granted(client, (place + "+", qos))
                found = sorted(self.next_message(client) for _ in range(2))
                self.assertEqual([(place + last, b"kept " + last.encode(), min(qos, 1)) for last in "ab"], [each[:3] for each in found])
                self.assertEqual([True, True], [each.retain for each in found])
            client.ping()


class retain_handling(subscribing):
    def told(self, client, publisher, topic):
        """Which retained messages come before a live one."""
        self.publish(publisher, topic, "live")
        payloads = []
        while (found := self.next_message(client)).payload != b"live":
            payloads.append(found.payload)
        return payloads

    def test_retain_handling_with_new_and_replaced_subscriptions(self):
        """[5.0 MQTT-3.3.1-9] [5.0 MQTT-3.3.1-10] [5.0 MQTT-3.3.1-11] 0: always; 1: at a new one; 2: never; after UNSUBSCRIBE it is new again."""
        publisher = self.connected()
        for text in ("t", "+"):
            place = self.name(f"{ord(text)}/")
            self.publish(publisher, place + "t", "kept", retain=True)
            client, kept = self.connected(V5), [b"kept"]
            for options, expected in (
                (NO_RETAINED, []), (NEW_ONLY, []), (0, kept), (NEW_ONLY, []), (NO_RETAINED, []), (0, kept), (NEW_ONLY, []),
                (None, None), (NEW_ONLY, kept), (NEW_ONLY, []), (None, None), (0, kept), (None, None), (NO_RETAINED, []),
            ):
                if options is None:
                    self.dropped(client, place + text)
                    continue
                self.granted(client, (place + text, options | 1))
                self.assertEqual(expected, self.told(client, publisher, place + "t"), f"options 0x{options:02x} of {text}")

    def test_a_subscription_of_a_session_that_came_back_is_not_new(self):
        """[5.0 MQTT-3.3.1-10] Retain Handling 1 sends nothing for it; for that of a session that began anew it does."""
        publisher, topic = self.connected(), self.name("t")
        self.publish(publisher, topic, "kept", retain=True)
        lasting = {"pairs": [("session_expiry_interval", 600)]}
        client = self.connected(V5, self.name("back"), **lasting)
        self.granted(client, (topic, NEW_ONLY | 1))
        self.assertEqual([b"kept"], self.told(client, publisher, topic))
        for clean, expected in ((False, []), (True, [b"kept"]), (False, [])):
            client.send(wire.goodbye())
            client.expect_closed()
            client = self.connected(V5, self.name("back"), clean=clean, **lasting)
            self.granted(client, (topic, NEW_ONLY | 1))
            self.assertEqual(expected, self.told(client, publisher, topic))

    def test_retain_as_published_follows_the_latest_subscribe(self):
        """[5.0 MQTT-3.3.1-12] [5.0 MQTT-3.3.1-13] The RETAIN flag of a live message is kept or cleared; that of a retained one is set always."""
        publisher, topic, client = self.connected(), self.name("t"), self.connected(V5)
        self.publish(publisher, topic, "x", retain=True)
        for options in (0, AS_PUBLISHED, 0, AS_PUBLISHED | 2, 1):
            self.granted(client, (topic, options))
            self.assertTrue(self.next_message(client).retain)
            for retain in (False, True, False):
                self.publish(publisher, topic, "x", retain=retain)
                self.assertEqual(retain and bool(options & AS_PUBLISHED), self.next_message(client).retain)


class codes(subscribing):
    settings = ("limits.max_subscriptions=3",)

    def test_each_filter_has_a_code_that_is_true(self):
        """[3.1.1 MQTT-3.8.4-5] [5.0 MQTT-3.8.4-6] [5.0 MQTT-3.8.4-7] The QoS at which messages come, or a failure, after which none do."""
        publisher, place = self.connected(), self.name("")
        for version in self.versions():
            failed = 0x97 if version == V5 else 0x80
            client = self.connected(version)
            asked = [(place + "a", 2), (place + "b", 0), (place + "c", 1), (place + "d", 1), (place + "a", 1), (place + "e", 0)]
            self.assertEqual([2, 0, 1, failed, 1, failed], self.granted(client, *asked))
            for topic, qos in (("a", 1), ("b", 0), ("c", 1)):
                self.publish(publisher, place + topic, topic, 2)
                self.assertEqual((topic.encode(), qos), self.next_message(client)[1:3])
            for topic in "de":
                self.publish(publisher, place + topic, topic)
            self.dropped(client, place + "a", place + "b")
            for topic in "de":
                self.assert_none_came(client, place + topic, publisher)


if __name__ == "__main__":
    harness.main()
