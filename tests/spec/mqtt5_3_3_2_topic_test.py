"""Clause 3.3.2: Topic Name and Topic Alias of PUBLISH."""

from conversation import V5, V311, harness, wire
from messages import messages


class topic_name(messages):
    def test_is_the_first_field_and_utf_8(self):
        """[3.1.1 MQTT-3.3.2-1] [5.0 MQTT-3.3.2-1] It comes and goes in front of all else, as UTF-8; what is none ends the connection."""
        topic = self.name("ä/日本/\U0001f600/ﷰ")
        for version in self.versions():
            client, publisher = self.subscriber(version, (topic, 1)), self.connected(version)
            encoded, properties = topic.encode(), b"\0" if version == V5 else b""
            body = len(encoded).to_bytes(2, "big") + encoded + b"\x12\x34" + properties + b"x"
            publisher.send(b"\x32" + bytes([len(body)]) + body)
            publisher.expect("40 02 1234")
            client.expect(b"\x32" + bytes([len(body)]) + body.replace(b"\x12\x34", b"\0\1"))
            client.send("40 02 0001")
            for wrong in (b"\xff", b"a/\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"a\0b"):
                self.assert_refused(self.connected(version), 0x81, wire.publish(wrong, "bad", version))
            self.assert_nothing_came(publisher, client, topic)

    def test_has_no_wildcards(self):
        """[3.1.1 MQTT-3.3.2-2] [5.0 MQTT-3.3.2-2] A wildcard anywhere in it ends the connection, at every QoS, and the message is not delivered."""
        for version in self.versions():
            top = self.name(str(version))
            client, publisher = self.subscriber(version, (f"{top}/#", 2)), self.connected(V311)
            for number, wrong in enumerate(("+", "#", "a/+", "a/#", "+/a", "a+", "a#/b", "#/b")):
                self.assert_refused(self.connected(version), 0x90, wire.publish(f"{top}/{wrong}", "bad", version, number % 3, 7))
            self.assert_nothing_came(publisher, client, f"{top}/a")

    def test_of_what_is_sent_matches_the_filter(self):
        """[3.1.1 MQTT-3.3.2-3] [5.0 MQTT-3.3.2-3] A subscriber gets what its filter matches, under the name it was published with, and nothing else."""
        for version in self.versions():
            top = self.name(str(version))
            topics = ["a", "A", "a/b", "a/b/c", "b", "a/", "/a", "a b", "b/a"]
            wanted = {"a": ["a"], "a/b": ["a/b"], "+": ["A", "a", "a b", "b"], "a/+": ["a/", "a/b"], "a/#": ["a", "a/", "a/b", "a/b/c"], "+/b": ["a/b"]}
            clients = {text: self.subscriber(version, (f"{top}/{text}", 1)) for text in wanted}
            publisher = self.connected(version)
            for payload in ("first", "last"):
                for topic in topics:
                    self.publish(publisher, f"{top}/{topic}", payload)
            for text, client in clients.items():
                found = {payload: [] for payload in (b"first", b"last")}
                while sorted(found[b"last"]) != sorted(f"{top}/{topic}" for topic in wanted[text]):
                    message = self.next_message(client)
                    found[message.payload].append(message.topic)
                    self.assertIn(message.topic, [f"{top}/{topic}" for topic in wanted[text]])
                self.assertEqual(sorted(found[b"last"]), sorted(found[b"first"]))

    def test_an_empty_topic_without_an_alias_is_refused(self):
        """In 3.1.1 always; in 5.0 with an alias that was not given a topic, too."""
        for version in self.versions():
            for qos in (0, 1, 2):
                self.assert_refused(self.connected(version), 0x82, wire.publish("", "bad", version, qos, 7))
        self.assert_refused(self.connected(V5), 0x82, wire.publish("", "bad", V5, pairs=[("topic_alias", 1)]))
        self.assert_alive()


class topic_alias_in(messages):
    settings = ("limits.topic_aliases=20",)

    def test_mappings_end_with_the_connection(self):
        """[5.0 MQTT-3.3.2-7] In a session that goes on neither the client's aliases nor those given to it mean anything any more."""
        topic = self.name()
        client, watcher = self.keeping(V5, "p"), self.subscriber(V5, (topic, 1))
        client.send(wire.publish(topic, "named", V5, 1, 1, [("topic_alias", 3)]))
        client.expect(wire.puback(1))
        self.assert_message(watcher, topic, "named", 1)
        self.lose(client)
        again = self.keeping(V5, "p")
        self.assert_refused(again, 0x82, wire.publish("", "by alias", V5, 1, 2, [("topic_alias", 3)]))
        self.assert_nothing_came(self.connected(), watcher, topic)

    def test_mappings_to_the_client_end_with_the_connection(self):
        """[5.0 MQTT-3.3.2-7] What it is sent on its next connection has its name again, also what is sent again."""
        topic, limits = self.name(), [("topic_alias_maximum", 5)]
        client, publisher = self.keeping(V5, "s", limits), self.connected()
        self.subscribe(client, (topic, 1))
        self.publish_all(publisher, topic, ("one", "two"))
        self.assertEqual([topic, ""], [self.message(client).topic for _ in range(2)])
        self.lose(client)
        client = self.keeping(V5, "s", limits)
        self.assertEqual([(topic, b"one"), (topic, b"two")], [(found.topic, found.payload) for found in (self.message(client) for _ in range(2))])
        self.publish_all(publisher, topic, ("three", "four"))
        found = [self.message(client) for _ in range(2)]
        self.assertEqual([topic, ""], [message.topic for message in found])
        self.assertEqual([("topic_alias", 1)], found[1].properties)

    def test_alias_0_is_refused(self):
        """[5.0 MQTT-3.3.2-8] With a topic or without, the connection ends with 0x94, and nothing is delivered."""
        topic = self.name()
        client = self.subscriber(V5, (topic, 1))
        for text in (topic, ""):
            for qos in (0, 1, 2):
                self.assert_refused(self.connected(V5), 0x94, wire.publish(text, "bad", V5, qos, 7, pairs=[("topic_alias", 0)]))
        self.assert_nothing_came(self.connected(), client, topic)

    def test_an_alias_above_the_maximum_is_refused(self):
        """[5.0 MQTT-3.3.2-9] The connection ends with 0x94, and the message is not delivered."""
        topic = self.name()
        client = self.subscriber(V5, (topic, 1))
        for alias in (21, 22, 256, 65_535):
            self.assert_refused(self.connected(V5), 0x94, wire.publish(topic, "bad", V5, pairs=[("topic_alias", alias)]))
        self.assert_nothing_came(self.connected(), client, topic)

    def test_all_aliases_up_to_the_maximum_are_taken(self):
        """[5.0 MQTT-3.3.2-12] Each from 1 to the Topic Alias Maximum of the CONNACK stands for its topic, until it is given another."""
        publisher, top = wire.client(self.server.port, V5), self.name()
        self.addCleanup(publisher.socket.close)
        publisher.send(wire.connect(self.name("p"), V5))
        self.assertEqual(20, dict(wire.cursor(publisher.packet(wire.CONNACK).body[2:]).properties())["topic_alias_maximum"])
        clients = {alias: self.subscriber(V5, (f"{top}/{alias}", 2)) for alias in range(1, 21)}
        for alias in (20, *range(1, 20)):
            publisher.send(wire.publish(f"{top}/{alias}", "named", V5, pairs=[("topic_alias", alias)]))
        for qos in (0, 1, 2):
            for alias in clients:
                publisher.send(wire.publish("", f"by alias {qos}", V5, qos, alias + 100 * qos, [("topic_alias", alias)]))
        for alias, client in clients.items():
            self.assertEqual([], self.assert_message(client, f"{top}/{alias}", "named").properties)
            for qos in (0, 1, 2):
                self.assertEqual([], self.assert_message(client, f"{top}/{alias}", f"by alias {qos}", qos).properties)
        publisher.send(wire.publish(f"{top}/2", "moved", V5, pairs=[("topic_alias", 1)]))
        publisher.send(wire.publish("", "there", V5, pairs=[("topic_alias", 1)]))
        for payload in ("moved", "there"):
            self.assert_message(clients[2], f"{top}/2", payload)

    def test_aliases_belong_to_one_connection(self):
        """Two clients give the same alias to two topics."""
        publishers, clients = [], []
        for end in "ab":
            publishers.append(self.connected(V5))
            clients.append(self.subscriber(V5, (self.name(end), 0)))
            publishers[-1].send(wire.publish(self.name(end), "named", V5, pairs=[("topic_alias", 1)]))
        for publisher in publishers:
            publisher.send(wire.publish("", "by alias", V5, pairs=[("topic_alias", 1)]))
        for end, client in zip("ab", clients):
            for payload in ("named", "by alias"):
                self.assert_message(client, self.name(end), payload)


class topic_alias_out(messages):
    def received(self, maximum, count):
        """The aliases in what a client with this Topic Alias Maximum gets of so many topics, twice; its topics are looked at."""
        top = self.name(str(maximum))
        pairs = [] if maximum is None else [("topic_alias_maximum", maximum)]
        client, publisher = self.connected(V5, pairs=pairs), self.connected()
        self.subscribe(client, (f"{top}/#", 2))
        known, aliases = {}, []
        for qos in (1, 0, 2):
            for number in range(count):
                self.publish(publisher, f"{top}/{number}", str(number), qos)
                found = self.next_message(client)
                self.assertEqual((str(number).encode(), qos), (found.payload, found.qos))
                alias = dict(found.properties).get("topic_alias")
                if alias is not None:
                    aliases.append(alias)
                    known[alias] = found.topic or known[alias]
                self.assertEqual(f"{top}/{number}", found.topic or known[alias])
        return aliases

    def test_the_clients_maximum_is_kept_to(self):
        """[5.0 MQTT-3.3.2-8] [5.0 MQTT-3.3.2-11] Aliases that are sent are above 0 and at most the maximum of its CONNECT; none without one. Each stands for its topic."""
        for maximum in (None, 0, 1, 3, 5):
            aliases = set(self.received(maximum, 5))
            self.assertEqual(set(range(1, (maximum or 0) + 1)), aliases)

    def test_other_versions_get_none(self):
        """A subscriber of 3.1.1 gets the topic of what was published by alias."""
        client, publisher = self.subscriber(V311, (self.name(), 1)), self.connected(V5)
        publisher.send(wire.publish(self.name(), "named", V5, 1, 1, [("topic_alias", 1)]))
        publisher.send(wire.publish("", "by alias", V5, 1, 2, [("topic_alias", 1)]))
        for payload in ("named", "by alias"):
            self.assert_message(client, self.name(), payload, 1)


if __name__ == "__main__":
    harness.main()
