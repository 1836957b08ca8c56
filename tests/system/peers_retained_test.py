"""Real clients and retained messages: kept, replaced, cleared, flagged; and what MQTT 5 lets a subscriber ask of them."""

from peers import scenarios
from peers.scenarios import V5, needs


class retained(scenarios.scenario):
    def test_is_set_replaced_and_cleared(self):
        publisher = self.peer()
        publisher.publish(self.topic(), "one", qos=1, retain=True)
        live = self.subscriber(self.topic(), qos=2)
        self.expect(live, self.topic(), "one", 1, retain=True)
        publisher.publish(self.topic(), "two", qos=2, retain=True)
        self.expect(live, self.topic(), "two", 2)
        later = self.subscriber(self.topic(), qos=2)
        self.expect(later, self.topic(), "two", 2, retain=True)
        publisher.publish(self.topic(), "", qos=1, retain=True)
        self.expect(live, self.topic(), "", 1)
        self.expect(later, self.topic(), "", 1)
        last = self.subscriber(self.topic(), qos=2)
        self.expect_nothing_more(publisher, last, self.topic())
        for subscriber in (live, later):
            self.expect(subscriber, self.topic(), "end", 2)

    def test_is_sent_with_the_lower_qos(self):
        publisher = self.peer()
        for sent in (0, 1, 2):
            publisher.publish(self.topic(str(sent)), "kept", qos=sent, retain=True)
        for asked in (0, 1, 2):
            subscriber = self.subscriber(self.topic("+"), qos=asked)
            found = sorted(subscriber.message()[:4] for _ in range(3))
            self.assertEqual([(self.topic(str(sent)), "kept", min(asked, sent), True) for sent in (0, 1, 2)], found)
            self.expect_nothing_more(publisher, subscriber, self.topic("2"))
            subscriber.end()

    def test_other_messages_leave_it(self):
        publisher = self.peer()
        publisher.publish(self.topic(), "kept", qos=1, retain=True)
        publisher.publish(self.topic(), "passing", qos=1)
        subscriber = self.subscriber(self.topic(), qos=1)
        self.expect(subscriber, self.topic(), "kept", 1, retain=True)
        self.expect_nothing_more(publisher, subscriber, self.topic())

    def test_many_come_to_wildcards(self):
        publisher = self.peer()
        topics = [self.topic(f"{n}/x") for n in range(60)]
        for topic in topics:
            publisher.publish(topic, topic, qos=1, retain=True)  # acknowledged, so that each is kept before anybody subscribes
        publisher.publish(topics[7], "", qos=1, retain=True)
        wanted = sorted((topic, topic, 1, True) for topic in topics if topic != topics[7])
        for text in ("+/x", "#", "+/#"):
            subscriber = self.subscriber(self.topic(text), qos=1)
            self.assertEqual(wanted, sorted(subscriber.message()[:4] for _ in wanted))
            self.expect_nothing_more(publisher, subscriber, topics[0])
            subscriber.end()

    def test_comes_again_when_subscribing_again(self):
        publisher = self.peer()
        publisher.publish(self.topic(), "kept", qos=1, retain=True)
        for _ in range(2):
            subscriber = self.subscriber(self.topic(), qos=1)
            self.expect(subscriber, self.topic(), "kept", 1, retain=True)
            subscriber.end()

    def test_comes_to_who_published_it(self):
        if self.kind == "mosquitto":
            both = self.subscriber(self.topic(), qos=1)
        else:
            both = self.peer()
            both.publish(self.topic(), "before", qos=1, retain=True)
            both.subscribe(self.topic(), qos=1)
            self.expect(both, self.topic(), "before", 1, retain=True)
        both.publish(self.topic(), "live", qos=1, retain=True)
        self.expect(both, self.topic(), "live", 1)


class retained_in_5(scenarios.scenario):
    @needs("subscribe_options")
    def test_handling(self):
        publisher = self.peer()
        publisher.publish(self.topic(), "kept", qos=1, retain=True)
        # At each SUBSCRIBE, at the first, never.
        for handling, times in ((0, 2), (1, 1), (2, 0)):
            with self.subTest(retain_handling=handling):
                subscriber = self.peer()
                for number in range(2):
                    self.assertEqual([1], subscriber.subscribe(self.topic(), qos=1, retain_handling=handling))
                    if number < times:
                        self.expect(subscriber, self.topic(), "kept", 1, retain=True)
                self.expect_nothing_more(publisher, subscriber, self.topic())
                subscriber.end()

    @needs("subscribe_options")
    def test_flag_as_published(self):
        publisher = self.peer()
        plain, as_published = self.peer(), self.peer()
        plain.subscribe(self.topic(), qos=1)
        as_published.subscribe(self.topic(), qos=1, retain_as_published=True)
        for flag in (True, False):
            publisher.publish(self.topic(), "x", qos=1, retain=flag)
            self.expect(plain, self.topic(), "x", 1)
            self.expect(as_published, self.topic(), "x", 1, retain=flag)

    def test_keeps_its_properties(self):
        properties = {"content_type": "text/plain", "response_topic": "answers", "correlation_data": "c0rr", "user_property": [["k", "v"]]}
        self.peer().publish(self.topic(), "kept", qos=1, retain=True, properties=properties)
        subscriber = self.subscriber(self.topic(), qos=1)
        self.assertEqual(properties, self.expect(subscriber, self.topic(), "kept", 1, retain=True).properties)

    def test_expires(self):
        publisher = self.peer()
        publisher.publish(self.topic(), "short", qos=1, retain=True, properties={"message_expiry_interval": 1})
        publisher.publish(self.topic("long"), "long", qos=1, retain=True, properties={"message_expiry_interval": 100})
        self.let_pass(3)
        subscriber = self.subscriber(self.topic(), self.topic("long"), qos=1)
        found = self.expect(subscriber, self.topic("long"), "long", 1, retain=True)
        # The interval that is left, of 100 s when three have passed.
        self.assertTrue(60 < found.properties["message_expiry_interval"] <= 98, found)
        self.expect_nothing_more(publisher, subscriber, self.topic())


globals().update(scenarios.for_each_peer(retained))
globals().update(scenarios.for_each_peer(retained_in_5, versions=(V5,)))

if __name__ == "__main__":
    scenarios.main()
