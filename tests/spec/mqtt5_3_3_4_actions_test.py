"""Clause 3.3.4: what is done with a PUBLISH; overlapping subscriptions and their identifiers. Receive Maximum: mqtt5_4_9_flow_control_test.py."""

from conversation import V5, V311, harness, wire
from messages import NO_LOCAL, RETAIN, messages


def identifiers(message):
    return sorted(value for name, value in message.properties if name == "subscription_identifier")


class answers(messages):
    def test_the_qos_says_what_is_answered(self):
        """[3.1.1 MQTT-3.3.4-1] [5.0 MQTT-3.3.4-1] Nothing at QoS 0, PUBACK at 1, PUBREC at 2, whether anybody is subscribed or not."""
        for version in self.versions():
            for subscribed in (False, True):
                topic, client = self.name(f"{version} {subscribed}"), self.connected(version)
                other = self.subscriber(version, (topic, 2)) if subscribed else None
                client.send(wire.publish(topic, "0", version))
                client.ping()
                client.send(wire.publish(topic, "1", version, 1, 0x1234))
                client.expect("40 02 1234")
                client.send(wire.publish(topic, "2", version, 2, 0x1235))
                client.expect("50 02 1235")
                client.send("62 02 1235")
                client.expect("70 02 1235")
                client.ping()
                for payload in ("0", "1", "2") if other else ():
                    self.assert_message(other, topic, payload, int(payload))

    def test_a_subscription_identifier_from_a_client_is_refused(self):
        """[5.0 MQTT-3.3.4-6] Only a server sends them."""
        topic = self.name()
        client = self.subscriber(V5, (topic, 2))
        for value in (1, 2, 268_435_455):
            for qos in (0, 1, 2):
                content = wire.publish(topic, "bad", V5, qos, 7, [("subscription_identifier", value)])
                self.assert_refused(self.connected(V5), 0x82, content)
        self.assert_nothing_came(self.connected(), client, topic)


class overlapping(messages):
    def subscribed(self, version, top, qualities, options=0):
        """A client with four filters that match a/b, at these QoS."""
        client = self.connected(version)
        filters = [f"{top}/{text}" for text in ("a/b", "a/+", "#", "+/b")]
        self.subscribe(client, *((text, qos | options) for text, qos in zip(filters, qualities)))
        return client

    def test_a_message_comes_once_at_the_highest_qos(self):
        """[3.1.1 MQTT-3.3.5-1] [5.0 MQTT-3.3.4-2] Several subscriptions of a client match: one delivery, at the best of what they were granted, not above what was published."""
        for version in self.versions():
            for qualities in ((0, 1, 2, 0), (2, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 0), (1, 1, 1, 2)):
                top, publisher = self.name(f"{version} {qualities}"), self.connected()
                client = self.subscribed(version, top, qualities)
                for sent in (0, 1, 2):
                    self.publish(publisher, f"{top}/a/b", str(sent), sent)
                    self.assert_message(client, f"{top}/a/b", str(sent), min(sent, max(qualities)))
                self.assert_nothing_came(publisher, client, f"{top}/a/b")

    def test_a_message_kept_for_a_session_comes_once(self):
        """Also what came while its client was away."""
        for version in self.versions():
            topic, publisher = self.name(f"{version}/t"), self.connected()
            client = self.keeping(version, str(version))
            self.subscribe(client, (topic, 1), (self.name(f"{version}/+"), 2), (self.name("#"), 0))
            self.lose(client)
            self.publish(publisher, topic, "x", 2)
            client = self.keeping(version, str(version))
            self.assert_message(client, topic, "x", 2)
            self.assert_nothing_came(publisher, client, topic)

    def identified(self, client, topic, filters):
        """Subscribes with an identifier for each filter (0: none) and these options."""
        for text, number, options in filters:
            self.subscribe(client, (f"{topic}{text}", options), pairs=[("subscription_identifier", number)] if number else ())

    def test_all_identifiers_are_carried(self):
        """[5.0 MQTT-3.3.4-3] [5.0 MQTT-3.3.4-4] The one copy of a message has the identifiers of all matching subscriptions that have one, and of no other."""
        publisher, topic = self.connected(), self.name("t")
        client = self.connected(V5)
        self.identified(client, topic, [("", 1, 2), ("/#", 268_435_455, 1), ("/x", 7, 1)])
        self.subscribe(client, (self.name("+"), 0), pairs=[("subscription_identifier", 300)])
        self.subscribe(client, (self.name("#"), 0))
        other = self.subscriber(V5, (topic, 1))
        alone = self.subscriber(V5, (topic, 1), pairs=[("subscription_identifier", 5)])
        for qos in (0, 1, 2):
            self.publish(publisher, topic, str(qos), qos)
            self.assertEqual([1, 300, 268_435_455], identifiers(self.assert_message(client, topic, str(qos), qos)))
            self.assertEqual([], identifiers(self.assert_message(other, topic, str(qos), min(1, qos))))
            self.assertEqual([5], identifiers(self.assert_message(alone, topic, str(qos), min(1, qos))))
        self.assert_nothing_came(publisher, client, topic)

    def test_identifiers_are_those_of_the_subscription_as_it_is(self):
        """[5.0 MQTT-3.3.4-3] Subscribing again gives another, or none; UNSUBSCRIBE ends it."""
        publisher, topic, client = self.connected(), self.name(), self.connected(V5)
        for given, expected in ((1, [1]), (2, [2]), (0, []), (3, [3])):
            self.identified(client, topic, [("", given, 1)])
            self.publish(publisher, topic, "x")
            self.assertEqual(expected, identifiers(self.next_message(client)))
        self.identified(client, topic, [("/#", 9, 1)])
        client.send(wire.unsubscribe(1, [topic], V5))
        client.packet(wire.UNSUBACK)
        self.publish(publisher, topic, "x")
        self.assertEqual([9], identifiers(self.next_message(client)))

    def test_identifiers_stay_with_the_session(self):
        """[5.0 MQTT-3.3.4-3] [5.0 MQTT-3.3.4-4] What comes after an absence has them, and what is sent again."""
        publisher, topic = self.connected(), self.name()
        client = self.keeping(V5, "s")
        self.identified(client, topic, [("", 1, 1), ("/#", 2, 2)])
        self.publish(publisher, topic, "in flight", 2)
        self.assertEqual([1, 2], identifiers(self.message(client)))
        self.lose(client)
        self.publish(publisher, topic, "while away")
        client = self.keeping(V5, "s")
        for payload, dup in ((b"in flight", True), (b"while away", False)):
            found = self.message(client)
            self.assertEqual((payload, dup, [1, 2]), (found.payload, found.dup, identifiers(found)))

    def test_identifiers_of_shared_subscriptions_stay_with_the_session(self):
        """[5.0 MQTT-3.3.4-3] A message of QoS 2 that came by a shared subscription has its identifier when it comes again."""
        topic, client = self.name(), self.keeping(V5, "s")
        self.subscribe(client, (f"$share/g/{topic}", 2), pairs=[("subscription_identifier", 6)])
        self.publish(self.connected(), topic, "x", 2)
        first = self.message(client)
        self.assertEqual([6], identifiers(first))
        self.lose(client)
        self.assertEqual(first._replace(dup=True), self.message(self.keeping(V5, "s")))

    def test_copies_have_the_identifier_of_their_own_subscription(self):
        """[5.0 MQTT-3.3.4-5] Of a retained message a copy goes to each new subscription: each has its own identifier, or none."""
        publisher, topic, client = self.connected(), self.name(), self.connected(V5)
        self.publish(publisher, topic, "kept", flags=RETAIN)
        for text, given, expected in (("", 1, [1]), ("/#", 2, [2]), ("", 3, [3]), ("/#", 0, [])):
            self.identified(client, topic, [(text, given, 1)])
            self.assertEqual(expected, identifiers(self.assert_message(client, topic, "kept", 1, retain=True)))
        self.assert_nothing_came(publisher, client, topic)

    def test_a_subscription_that_wants_none_of_its_own_has_no_part(self):
        """No Local of one of several: neither its QoS nor its identifier counts for what the client publishes itself."""
        topic, client = self.name(), self.connected(V5)
        self.identified(client, topic, [("", 1, 2 | NO_LOCAL), ("/#", 2, 0)])
        client.send(wire.publish(topic, "own", V5, 1, 1))
        found = client.packet(wire.PUBLISH, wire.PUBACK), client.packet(wire.PUBLISH, wire.PUBACK)
        message = next(wire.as_message(each, V5) for each in found if each.type == wire.PUBLISH)
        self.assertEqual((b"own", 0, [2]), (message.payload, message.qos, identifiers(message)))
        self.publish(self.connected(), topic, "other", 2)
        self.assertEqual([1, 2], identifiers(self.assert_message(client, topic, "other", 2)))

    def test_subscribers_of_3_1_1_get_none(self):
        """Identifiers of one session are no business of another."""
        topic = self.name()
        older, newer = self.subscriber(V311, (topic, 0)), self.subscriber(V5, (topic, 0), pairs=[("subscription_identifier", 4)])
        self.publish(self.connected(), topic, "x")
        older.expect(wire.publish(topic, "x"))
        newer.expect(wire.publish(topic, "x", V5, pairs=[("subscription_identifier", 4)]))


if __name__ == "__main__":
    harness.main()
