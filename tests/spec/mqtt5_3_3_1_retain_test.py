"""Clause 3.3.1.3: retained messages."""

import threading

from conversation import V5, V311, harness, wire
from messages import AS_PUBLISHED, RETAIN, messages


def handling(number, qos=1):
    """Subscription options with this Retain Handling."""
    return qos | number << 4


class retained(messages):
    def retained_in(self, topic, version=V5, options=2):
        """What a new subscriber of the topic gets before anything else, as payload, QoS and RETAIN."""
        client, publisher = self.subscriber(version, (topic, options)), self.connected()
        self.publish(publisher, topic, "end")
        found = []
        while not found or found[-1][0] != b"end":
            message = self.next_message(client)
            found.append((message.payload, message.qos, message.retain))
        return found[:-1]

    def test_is_stored_with_its_qos_and_replaces_the_one_before(self):
        """[3.1.1 MQTT-3.3.1-5] [5.0 MQTT-3.3.1-5] Each subscriber that comes later gets the last message with RETAIN, at the QoS it was published with."""
        for version in self.versions():
            publisher, topic = self.connected(version), self.name(str(version))
            for qos in (2, 1, 0, 1):
                payload = f"at {qos}"
                self.publish(publisher, topic, payload, qos, flags=RETAIN)
                self.publish(publisher, topic, "not retained")  # above QoS 0, so that what stands before it is done
                for _ in range(2):
                    self.assertEqual([(payload.encode(), qos, True)], self.retained_in(topic, version))

    def test_of_qos_0_replaces_one_above_it(self):
        """[3.1.1 MQTT-3.3.1-7] What was retained before is gone with a message of QoS 0, which is retained itself."""
        for version in self.versions():
            publisher, topic = self.connected(version), self.name(str(version))
            self.publish(publisher, topic, "old", 2, flags=RETAIN)
            self.publish(publisher, topic, "new", 0, flags=RETAIN)
            self.publish(publisher, topic, "not retained")
            self.assertEqual([(b"new", 0, True)], self.retained_in(topic, version))

    def test_of_each_matching_topic_comes_to_a_new_subscription(self):
        """[3.1.1 MQTT-3.3.1-6] [5.0 MQTT-3.3.1-9] Of each topic that a new filter matches its last one comes, and comes again when one subscribes again."""
        for version in self.versions():
            publisher, top = self.connected(version), self.name(str(version))
            for topic in ("a", "a/b", "b", "a/b/c", "x/b"):
                self.publish_all_retained(publisher, f"{top}/{topic}", ("old", topic))
            for text, matched in (("a/b", ["a/b"]), ("+", ["a", "b"]), ("a/#", ["a", "a/b", "a/b/c"]), ("+/b", ["a/b", "x/b"])):
                client = self.connected(version)
                for _ in range(2):
                    self.subscribe(client, (f"{top}/{text}", handling(0) if version == V5 else 1))
                    found = [self.next_message(client) for _ in matched]
                    self.assertEqual(matched, sorted(message.payload.decode() for message in found))
                    self.assertEqual(sorted(f"{top}/{topic}" for topic in matched), sorted(message.topic for message in found))
                self.assert_nothing_came(publisher, client, f"{top}/{matched[0]}")

    def publish_all_retained(self, publisher, topic, payloads):
        for payload in payloads:
            self.publish(publisher, topic, payload, flags=RETAIN)

    def test_the_flag_is_set_for_a_new_subscription_only(self):
        """[3.1.1 MQTT-3.3.1-8] [3.1.1 MQTT-3.3.1-9] [5.0 MQTT-3.3.1-12] RETAIN is 1 in what a new subscription gets, and 0 in what comes later, whatever was published."""
        for version in self.versions():
            for qos in (0, 1, 2):
                publisher, topic = self.connected(version), self.name(f"{version} {qos}")
                self.publish(publisher, topic, "kept", qos, flags=RETAIN)
                self.publish(publisher, topic, "not retained")
                client = self.subscriber(version, (topic, qos))
                self.assert_message(client, topic, "kept", qos, retain=True)
                self.publish(publisher, topic, "with", qos, flags=RETAIN)
                self.publish(publisher, topic, "without", qos)
                self.assert_message(client, topic, "with", qos, retain=False)
                self.assert_message(client, topic, "without", qos, retain=False)

    def test_retain_as_published(self):
        """[5.0 MQTT-3.3.1-13] With this option RETAIN is as it was published, for each subscriber alone."""
        for sent in self.versions():
            for qos in (0, 1, 2):
                publisher, topic = self.connected(sent), self.name(f"{sent} {qos}")
                asked, other = self.subscriber(V5, (topic, qos | AS_PUBLISHED)), self.subscriber(V5, (topic, qos))
                for payload, flag in (("with", RETAIN), ("without", 0)):
                    self.publish(publisher, topic, payload, qos, flags=flag)
                    self.assert_message(asked, topic, payload, qos, retain=bool(flag))
                    self.assert_message(other, topic, payload, qos, retain=False)

    def test_an_empty_one_removes_what_is_retained(self):
        """[3.1.1 MQTT-3.3.1-10] [5.0 MQTT-3.3.1-6] Without payload it goes to those who are subscribed, and those who come later get nothing."""
        for version in self.versions():
            for qos in (0, 1, 2):
                publisher, topic = self.connected(version), self.name(f"{version} {qos}")
                self.publish(publisher, topic, "kept", qos, flags=RETAIN)
                self.publish(publisher, topic, "not retained")  # once it is taken so is what came before
                client = self.subscriber(version, (topic, 2))
                self.assert_message(client, topic, "kept", qos, retain=True)
                self.publish(publisher, topic, b"", qos, flags=RETAIN)
                self.assert_message(client, topic, b"", qos)
                self.publish(publisher, topic, "not retained")
                self.assertEqual([], self.retained_in(topic, version))

    def test_an_empty_one_is_not_stored(self):
        """[3.1.1 MQTT-3.3.1-11] [5.0 MQTT-3.3.1-7] Neither where something was retained nor where nothing was is the empty message kept."""
        for version in self.versions():
            for before in ([], ["kept"]):
                publisher, topic = self.connected(version), self.name(f"{version} {len(before)}")
                self.publish_all_retained(publisher, topic, [*before, b""])
                self.assertEqual([], self.retained_in(topic, version))
                self.publish_all_retained(publisher, topic, ["new"])
                self.assertEqual([(b"new", 1, True)], self.retained_in(topic, version))

    def test_a_message_without_the_flag_changes_nothing(self):
        """[3.1.1 MQTT-3.3.1-12] [5.0 MQTT-3.3.1-8] It is not stored, and neither removes nor replaces what is, also without payload."""
        for version in self.versions():
            publisher, empty, kept = self.connected(version), self.name(f"{version} empty"), self.name(f"{version} kept")
            self.publish(publisher, kept, "kept", flags=RETAIN)
            for topic in (empty, kept):
                for qos in (0, 1, 2):
                    self.publish(publisher, topic, "passing", qos)
                    self.publish(publisher, topic, b"", qos)
                self.publish(publisher, topic, "last")
            self.assertEqual([], self.retained_in(empty, version))
            self.assertEqual([(b"kept", 1, True)], self.retained_in(kept, version))

    def test_retain_handling_0_sends_them_each_time(self):
        """[5.0 MQTT-3.3.1-9] Also when the subscription is there already."""
        publisher, topic = self.connected(V5), self.name()
        self.publish(publisher, topic, "kept", flags=RETAIN)
        client = self.connected(V5)
        for _ in range(3):
            self.subscribe(client, (topic, handling(0)))
            self.assert_message(client, topic, "kept", 1, retain=True)
        self.assert_nothing_came(publisher, client, topic)

    def test_retain_handling_1_sends_them_to_new_subscriptions(self):
        """[5.0 MQTT-3.3.1-10] Not when the subscription was there before, also one of a session that was continued; again after UNSUBSCRIBE."""
        publisher, topic = self.connected(V5), self.name()
        self.publish(publisher, topic, "kept", flags=RETAIN)
        client = self.keeping(V5, "s")
        for _ in range(2):
            self.subscribe(client, (topic, handling(1)))
            self.assert_message(client, topic, "kept", 1, retain=True)
            self.subscribe(client, (topic, handling(1)))
            self.assert_nothing_came(publisher, client, topic)
            client.send(wire.unsubscribe(9, [topic], V5))
            client.packet(wire.UNSUBACK)
        self.subscribe(client, (topic, handling(2)))
        self.lose(client)
        client = self.keeping(V5, "s")
        self.subscribe(client, (topic, handling(1)))
        self.assert_nothing_came(publisher, client, topic)

    def test_retain_handling_2_sends_none(self):
        """[5.0 MQTT-3.3.1-11] Neither to a new subscription nor to one that was there."""
        publisher, top = self.connected(V5), self.name()
        self.publish(publisher, f"{top}/a", "kept", flags=RETAIN)
        for text in ("a", "+", "#"):
            client = self.connected(V5)
            for _ in range(2):
                self.subscribe(client, (f"{top}/{text}", handling(2)))
                self.assert_nothing_came(publisher, client, f"{top}/a")

    def test_retained_messages_are_capped_to_the_qos_of_the_subscription_also_through_wildcards(self):
        """The lower of what was published and what was granted."""
        for version in self.versions():
            publisher, top = self.connected(version), self.name(str(version))
            for qos in (0, 1, 2):
                self.publish(publisher, f"{top}/{qos}", str(qos), qos, flags=RETAIN)
                self.publish(publisher, f"{top}/{qos}", "not retained")
            for granted in (0, 1, 2):
                for filters in ([f"{top}/+"], [f"{top}/#"], [f"{top}/{qos}" for qos in (0, 1, 2)]):
                    client = self.subscriber(version, *((text, granted) for text in filters))
                    found = sorted((message.payload, message.qos, message.retain) for message in (self.next_message(client) for _ in range(3)))
                    self.assertEqual([(str(qos).encode(), min(qos, granted), True) for qos in (0, 1, 2)], found)


class retained_and_live(messages):
    def test_an_old_retained_value_never_comes_after_a_newer_live_one(self):
        """Subscribers come while the value changes all the time: each sees it go one way only, and begins with what is retained."""
        for qos in (0, 1):
            topic, stop = self.name(str(qos)), threading.Event()
            thread = threading.Thread(target=self.change, args=(self.connected(V311), topic, qos, stop), daemon=True)
            thread.start()
            try:
                for text in (topic, f"{topic}/#") * 10:
                    self.watch(text, qos)
            finally:
                stop.set()
                thread.join(harness.DEADLINE_S)

    def change(self, publisher, topic, qos, stop):
        for number in range(1, 1_000_000):
            if stop.is_set():
                return
            publisher.send(wire.publish(topic, str(number), V311, qos, number % 65_535 + 1, flags=RETAIN))
            if qos:
                publisher.packet(wire.PUBACK)
            else:
                publisher.ping()

    def watch(self, text, qos):
        with wire.connected(self.server.port, self.name("watcher"), V5) as client:
            self.subscribe(client, (text, qos))
            found = [self.next_message(client) for _ in range(20)]
        values = [int(message.payload) for message in found]
        self.assertEqual(sorted(values), values)
        self.assertNotIn(True, [message.retain for message in found[1:]])


if __name__ == "__main__":
    harness.main()
