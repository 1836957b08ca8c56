"""Real clients and what MQTT 5 added: properties, identifiers of subscriptions, aliases, limits that a client sets."""

from peers import scenarios
from peers.scenarios import V5, headgate_only, needs


class properties(scenarios.scenario):
    def test_pass_unchanged(self):
        sent = {"payload_format_indicator": 1, "content_type": "text/plain", "response_topic": "answers/here", "correlation_data": "c0rr"}
        pairs = [["b", "1"], ["a", "2"], ["b", "1"], ["ü", "ö"]]
        subscriber = self.subscriber(self.topic(), qos=2)
        publisher = self.peer()
        for qos in (0, 1, 2):
            publisher.publish(self.topic(), "x", qos=qos, properties={**sent, "user_property": pairs})
            found = dict(self.expect(subscriber, self.topic(), "x", qos).properties)
            got = found.pop("user_property")
            if "property_order" in scenarios.FEATURES[self.kind]:
                self.assertEqual(pairs, got)
            self.assertEqual(sorted(pairs), sorted(got))
            self.assertEqual(sent, found)

    def test_request_and_response(self):
        if self.kind == "mosquitto":
            server, client = self.subscriber(self.topic("ask"), qos=1), self.subscriber(self.topic("answer"), qos=1)
        else:
            server, client = self.peer(), self.peer()
            server.subscribe(self.topic("ask"), qos=1)
            client.subscribe(self.topic("answer"), qos=1)
        for number in ("7", "8"):
            client.publish(self.topic("ask"), f"q{number}", qos=1,
                           properties={"response_topic": self.topic("answer"), "correlation_data": number})
            asked = self.expect(server, self.topic("ask"), f"q{number}", 1)
            server.publish(asked.properties["response_topic"], "a", qos=1, properties={"correlation_data": asked.properties["correlation_data"]})
            self.assertEqual(number, self.expect(client, self.topic("answer"), "a", 1).properties["correlation_data"])

    def test_message_expiry(self):
        """Of messages that wait for a session without a connection."""
        kept = self.peer("waiting", **self.session_options())
        kept.subscribe(self.topic(), qos=1)
        kept.disconnect()
        publisher = self.peer()
        for payload, seconds in (("short", 1), ("long", 100)):
            publisher.publish(self.topic(), payload, qos=1, properties={"message_expiry_interval": seconds})
        publisher.publish(self.topic(), "without", qos=1)
        self.let_pass(3)
        kept.connect("waiting", **self.session_options())
        left = self.expect(kept, self.topic(), "long", 1).properties["message_expiry_interval"]
        self.assertTrue(60 < left <= 98, left)
        self.assertEqual({}, self.expect(kept, self.topic(), "without", 1).properties)

    def identifiers(self, subscriber):
        """Those of both messages up to the end, which has another topic and so perhaps another shard: it may come before them.
        Servers may send one message for each filter that matches, or one for all."""
        found, seen = [], set()
        while seen != {"x", "y", "end"}:
            message = subscriber.message()
            seen.add(message.payload)
            if message.payload != "end":
                found += message.properties.get("subscription_identifier", [])
        return sorted(found)

    def test_subscription_identifiers(self):
        publisher = self.peer()
        subscriber = self.subscriber(self.topic("+"), qos=1, properties={"subscription_identifier": 268_435_455})
        self.assertEqual([268_435_455], self.sent_and_found(publisher, subscriber))
        if self.kind == "mosquitto":
            return  # it subscribes but once
        subscriber.subscribe(self.topic("t"), qos=1, properties={"subscription_identifier": 2})
        self.assertEqual([2, 268_435_455], self.sent_and_found(publisher, subscriber))
        # Subscribing again replaces the identifier, or takes it away.
        subscriber.subscribe(self.topic("t"), qos=1, properties={"subscription_identifier": 3})
        self.assertEqual([3, 268_435_455], self.sent_and_found(publisher, subscriber))
        subscriber.subscribe(self.topic("t"), qos=1)
        self.assertEqual([268_435_455], self.sent_and_found(publisher, subscriber))

    def sent_and_found(self, publisher, subscriber):
        publisher.publish(self.topic("t"), "x", qos=1)
        publisher.publish(self.topic("t"), "y", qos=1)
        publisher.publish(self.topic("end"), "end", qos=1)
        found = self.identifiers(subscriber)
        self.assertEqual(found[::2], found[1::2], "the second message had others")
        return found[::2]

    @needs("subscribe_options")
    def test_no_local(self):
        both, other = self.peer(), self.peer()
        both.subscribe(self.topic(), qos=1, no_local=True)
        both.publish(self.topic(), "own", qos=1)
        other.publish(self.topic(), "other", qos=1)
        self.expect(both, self.topic(), "other", 1)

    @headgate_only("mosquitto 2.0.11 keeps the option of the first SUBSCRIBE")
    @needs("subscribe_options")
    def test_no_local_until_subscribing_again(self):
        both = self.peer()
        both.subscribe(self.topic(), qos=1, no_local=True)
        both.subscribe(self.topic(), qos=1)
        both.publish(self.topic(), "own again", qos=1)
        self.expect(both, self.topic(), "own again", 1)

    @needs("assigned_id")
    def test_assigned_client_id(self):
        self.peer("")
        first = self.answer["properties"]["assigned_client_identifier"]
        self.peer("")
        second = self.answer["properties"]["assigned_client_identifier"]
        self.assertTrue(first and second and first != second, (first, second))

    @needs("alias_in")
    def test_topic_aliases_of_the_client(self):
        subscriber = self.subscriber(self.topic("+"), qos=2)
        publisher = self.peer()
        for end in ("one", "two"):  # the second takes the alias over
            publisher.publish(self.topic(end), "named", qos=1, properties={"topic_alias": 1})
            self.assertNotIn("topic_alias", self.expect(subscriber, self.topic(end), "named", 1).properties)
            for qos in (0, 1, 2):
                publisher.publish("", "by alias", qos=qos, properties={"topic_alias": 1})
                self.expect(subscriber, self.topic(end), "by alias", qos)

    @needs("alias_out")
    def test_topic_aliases_of_the_server(self):
        """More topics than aliases, again and again: whether the server uses any is its affair."""
        subscriber = self.subscriber(self.topic("+"), qos=1, properties=None)
        few = self.peer(properties={"topic_alias_maximum": 2})
        few.subscribe(self.topic("+"), qos=1)
        publisher = self.peer()
        for number in range(60):
            topic = self.topic(str(number * number % 7))
            publisher.publish(topic, str(number), qos=1)
            for one in (subscriber, few):
                self.expect(one, topic, str(number), 1)

    def test_maximum_packet_size(self):
        small = self.peer(properties={"maximum_packet_size": 200})
        small.subscribe(self.topic(), qos=1)
        large = self.subscriber(self.topic(), qos=1)
        publisher = self.peer()
        for payload in ("x" * 1000, "small", "y" * 300, "end"):
            publisher.publish(self.topic(), payload, qos=1)
            self.expect(large, self.topic(), payload, 1)
        for payload in ("small", "end"):
            self.expect(small, self.topic(), payload, 1)

    def test_receive_maximum_of_one(self):
        publisher = self.peer()
        payloads = [str(number) for number in range(100)]
        for qos in (1, 2):
            narrow = self.peer(properties={"receive_maximum": 1})
            narrow.subscribe(self.topic(str(qos)), qos=qos)
            publisher.publish_many(self.topic(str(qos)), payloads, qos)
            self.assertEqual(payloads, [narrow.message().payload for _ in payloads])
            self.expect_nothing_more(publisher, narrow, self.topic(str(qos)))


globals().update(scenarios.for_each_peer(properties, versions=(V5,)))

if __name__ == "__main__":
    scenarios.main()
