"""Real clients publish and subscribe: every pair of QoS, wildcards, many messages, all sizes, shared subscriptions."""

import harness
from peers import scenarios, servers
from peers.scenarios import V5, V311, needs

TOPICS = ["a", "a/b", "a/b/c", "a/x/c", "b", "/a", "a/", "$own/a", "$own", "a//c", "täglich/ü"]
MATCHING = {
    "a/b": ["a/b"], "täglich/+": ["täglich/ü"], "+": ["a", "b"], "a/+/c": ["a/b/c", "a/x/c", "a//c"],
    "+/+": ["a/b", "/a", "a/", "täglich/ü"], "#": [topic for topic in TOPICS if topic[0] != "$"],
    "a/#": ["a", "a/b", "a/b/c", "a/x/c", "a/", "a//c"], "$own/#": ["$own/a", "$own"],
}


class delivery(scenarios.scenario):
    def test_each_pair_of_qos(self):
        publisher = self.peer()
        for asked in (0, 1, 2):
            subscriber = self.subscriber(self.topic(), qos=asked)
            for sent in (0, 1, 2):
                with self.subTest(subscribed=asked, published=sent):
                    publisher.publish(self.topic(), f"{asked}{sent}", qos=sent)
                    self.expect(subscriber, self.topic(), f"{asked}{sent}", min(asked, sent))
            self.expect_nothing_more(publisher, subscriber, self.topic())
            subscriber.end()

    def test_wildcards(self):
        publisher = self.peer()
        for text, wanted in MATCHING.items():
            with self.subTest(filter=text):
                subscriber = self.subscriber(text, "the/end", qos=1)
                for topic in TOPICS:
                    publisher.publish(topic, "x", qos=1)
                publisher.publish("the/end", "x", qos=1)
                found = [subscriber.message().topic for _ in range(len(wanted) + 1)]
                # To `#` the end matches twice, which may be delivered once or twice. There is no order among shards.
                self.assertEqual(servers.in_order(self.server, [*wanted, "the/end"]), servers.in_order(self.server, found))
                subscriber.end()

    def test_overlapping_filters_with_the_higher_qos(self):
        publisher = self.peer()
        subscriber = self.subscriber(self.topic("a"), self.topic("+"), qos=2)
        publisher.publish(self.topic("a"), "x", qos=2)
        self.expect(subscriber, self.topic("a"), "x", 2)

    def test_many_messages_come_once_and_in_order(self):
        payloads = [f"message {number}" for number in range(150)]
        publisher = self.peer()
        for qos in (0, 1, 2):
            with self.subTest(qos=qos):
                subscriber = self.subscriber(self.topic(str(qos)), qos=qos)
                publisher.publish_many(self.topic(str(qos)), payloads, qos)
                self.assertEqual(payloads, [subscriber.message().payload for _ in payloads])
                self.expect_nothing_more(publisher, subscriber, self.topic(str(qos)))
                subscriber.end()

    def test_payloads_of_all_sizes(self):
        publisher = self.peer()
        subscriber = self.subscriber(self.topic(), qos=2)
        for size in (0, 1, 100, 127, 128, 2048, 16384, 60_000):
            for qos in (0, 1, 2):
                publisher.publish(self.topic(), "ü" * size, qos=qos)
                found = subscriber.message()
                self.assertTrue(found.payload == "ü" * size and found.qos == qos, f"size {size}, QoS {qos}: {found[2:]}")

    @needs("unsubscribe")
    def test_unsubscribe(self):
        publisher = self.peer()
        subscriber = self.subscriber(self.topic("left"), self.topic("kept"), qos=1)
        subscriber.unsubscribe(self.topic("left"))
        publisher.publish(self.topic("left"), "x", qos=1)
        publisher.publish(self.topic("kept"), "y", qos=1)
        self.expect(subscriber, self.topic("kept"), "y", 1)

    @needs("unsubscribe")
    def test_subscribing_again_replaces_the_qos(self):
        publisher = self.peer()
        subscriber = self.subscriber(self.topic(), qos=2)
        self.assertEqual([1], subscriber.subscribe(self.topic(), qos=1))
        publisher.publish(self.topic(), "x", qos=2)
        self.expect(subscriber, self.topic(), "x", 1)
        self.expect_nothing_more(publisher, subscriber, self.topic())


class shared(scenarios.scenario):
    def gather(self, members, count):
        """The payloads of as many messages as came to the members together."""
        found = []
        while len(found) < count:
            before = len(found)
            for member in members:
                while (one := member.message(timeout=0.02)) is not None:
                    found.append(one.payload)
            if len(found) == before:
                found.append(members[0].message().payload if len(members) == 1 else self.first_of(members).payload)
        return found

    def first_of(self, members):
        """Whichever message comes first; fails when none comes at all."""
        return harness.eventually(lambda: next((one for member in members if (one := member.message(timeout=0.05))), None),
                                  "no message came to any member")

    def test_a_group_gets_each_message_once(self):
        group = [self.subscriber(f"$share/g/{self.topic('+')}", qos=1) for _ in range(3)]
        other = [self.subscriber(f"$share/other/{self.topic('t')}", qos=1)]
        alone = self.subscriber(self.topic(), qos=1)
        publisher = self.peer()
        first, second = [f"first {n}" for n in range(30)], [f"second {n}" for n in range(6)]
        publisher.publish_many(self.topic(), first, 1)
        self.assertEqual(sorted(first), sorted(self.gather(group, len(first))))
        publisher.publish_many(self.topic(), second, 1)
        self.assertEqual(sorted(second), sorted(self.gather(group, len(second))))
        self.assertEqual(first + second, self.gather(other, len(first + second)))
        self.assertEqual(first + second, [alone.message().payload for _ in first + second])

    @needs("unsubscribe")  # of which the server tells that it has seen it
    def test_who_remains_gets_all(self):
        leaving = self.subscriber(f"$share/g/{self.topic()}", qos=1)
        staying = self.subscriber(f"$share/g/{self.topic()}", qos=1)
        publisher = self.peer()
        leaving.unsubscribe(f"$share/g/{self.topic()}")
        payloads = [str(n) for n in range(20)]
        publisher.publish_many(self.topic(), payloads, 1)
        self.assertEqual(payloads, [staying.message().payload for _ in payloads])

    @scenarios.headgate_only("mosquitto 2.0.11 sends them; MQTT 5, 4.8.2, forbids it")
    def test_retained_messages_do_not_come_to_a_group(self):
        publisher = self.peer()
        publisher.publish(self.topic(), "kept", qos=1, retain=True)
        member = self.subscriber(f"$share/g/{self.topic()}", qos=1)
        self.expect_nothing_more(publisher, member, self.topic())


globals().update(scenarios.for_each_peer(delivery))
globals().update(scenarios.for_each_peer(shared, versions=(V311, V5)))

if __name__ == "__main__":
    scenarios.main()
