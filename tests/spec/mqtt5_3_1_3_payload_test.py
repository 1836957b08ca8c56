"""Clause 3.1.3: the payload of CONNECT: client id, will, user name, password."""

import string

from conversation import V5, V311, conversation, harness, wire

import door  # of tests/system, to which conversation has opened the way

EVERYBODY = string.digits + string.ascii_lowercase + string.ascii_uppercase


class client_ids(conversation):
    def say(self, version, content):
        client = self.client(version)
        client.send(content)
        return client, client.packet(wire.CONNACK)

    def session_present(self, version, client_id, clean=False):
        """What CONNACK says; the session lasts."""
        client, answer = self.say(version, wire.connect(client_id, version, clean, pairs=[("session_expiry_interval", 60)]))
        self.assertEqual(0, answer.body[1])
        client.send(wire.goodbye())
        client.expect_closed()
        return answer.body[0]

    def test_the_client_id_says_whose_session_it_is(self):
        """[3.1.1 MQTT-3.1.3-2] [5.0 MQTT-3.1.3-2] Each id has its own; one that differs in a letter's case or at its end is another."""
        for version in self.versions():
            ids = [self.name(f"{version}/{end}") for end in ("a", "A", "a ", " a", "ab", "\u00e4", "a\u0308", "", "a/b")]
            topics = [f"of/{each}" for each in ids]
            for client_id, topic in zip(ids, topics):
                self.assertEqual(0, self.session_present(version, client_id), client_id)
                client = self.connected(version, client_id, clean=False, pairs=[("session_expiry_interval", 60)])
                client.subscribe(topic, qos=1)
                client.send(wire.goodbye())
                client.expect_closed()
            publisher = self.connected(version)
            for topic in topics:
                publisher.send(wire.publish(topic, topic.encode(), version, qos=1, packet_id=1))
                publisher.packet(wire.PUBACK)
            for client_id, topic in zip(ids, topics):
                client, answer = self.say(version, wire.connect(client_id, version, False, pairs=[("session_expiry_interval", 60)]))
                self.assertEqual(1, answer.body[0])
                self.assertEqual(topic, client.message().topic)
                client.ping()

    def test_the_client_id_is_the_first_field_and_must_be_there(self):
        """[3.1.1 MQTT-3.1.3-3] [5.0 MQTT-3.1.3-3] A CONNECT without any payload is malformed."""
        for version in self.versions():
            for missing in ("", "00", "0005 6162"):
                client = self.client(version)
                header = wire.data("MQTT") + bytes([version, 2, 0, 0]) + wire.properties((), version)
                client.send(wire.frame(0x10, header + bytes.fromhex(missing)))
                if version == V5:
                    self.assertEqual(b"\0\x81", client.packet(wire.CONNACK).body[:2])
                client.expect_closed()

    def test_the_client_id_is_utf_8(self):
        """[3.1.1 MQTT-3.1.3-4] [5.0 MQTT-3.1.3-4] [5.0 MQTT-3.1.3-8] Another is rejected, and the connection closed; any text is an id."""
        witness = self.connected()
        for version in self.versions():
            for bad in (b"\xff", b"a\xed\xa0\x80", b"a\0", b"\xc0\x80", b"\xe2\x82"):
                client = self.client(version)
                client.send(wire.connect(bad, version))
                if version == V5:
                    self.assertEqual(b"\0\x81", client.packet(wire.CONNACK).body[:2])
                client.expect_closed()
            for good in ("\u00e4\u20ac\U0001f600", "a b/c+#$\"'\\", "\u0001\uffff"):
                self.connected(version, self.name(good)).ping()
        witness.ping()

    def test_ids_that_every_server_allows(self):
        """[3.1.1 MQTT-3.1.3-5] [5.0 MQTT-3.1.3-5] 1 to 23 of 62 characters; longer ones are taken as well, up to all that fits."""
        for version in self.versions():
            ids = list(EVERYBODY) + [EVERYBODY[at : at + 23] for at in range(0, 62, 13)] + [EVERYBODY[: size + 1] for size in range(23)]
            for client_id in [*ids, "x" * 24, "x" * 1000, "x" * 65_535]:
                self.connected(version, client_id).ping()

    def test_a_zero_length_id_gets_one_that_nobody_else_has(self):
        """[3.1.1 MQTT-3.1.3-6] [5.0 MQTT-3.1.3-6] [5.0 MQTT-3.2.2-16] As many clients as come are all connected at once."""
        for version in self.versions():
            clients, ids = [], []
            for _ in range(20):
                client, answer = self.say(version, wire.connect("", version))
                self.assertEqual(b"\0\0", answer.body[:2])
                clients.append(client)
                if version == V5:
                    ids.append(dict(wire.cursor(answer.body[2:]).properties())["assigned_client_identifier"])
            for n, client in enumerate(clients):
                client.subscribe(self.name(n))
                client.ping()
            clients[0].send(wire.publish(self.name(19), "x", version))
            self.assertEqual(self.name(19), clients[19].message().topic)
            clients[18].ping()
            self.assertEqual(len(ids), len(set(ids)))

    def test_an_assigned_id_is_as_good_as_any(self):
        """[3.1.1 MQTT-3.1.3-6] [5.0 MQTT-3.1.3-7] CONNACK says it, and who comes back with it has his session, also without Clean Start."""
        for clean in (False, True):
            client, answer = self.say(V5, wire.connect("", V5, clean, pairs=[("session_expiry_interval", 60)]))
            assigned = dict(wire.cursor(answer.body[2:]).properties())["assigned_client_identifier"]
            self.assertEqual((b"\0\0", True), (answer.body[:2], len(assigned) > 0))
            client.subscribe(self.name("t"), qos=1)
            back, answer = self.say(V5, wire.connect(assigned, V5, False, pairs=[("session_expiry_interval", 60)]))
            client.expect_disconnect(0x8E)
            self.assertEqual(1, answer.body[0])
            self.assertNotIn("assigned_client_identifier", dict(wire.cursor(answer.body[2:]).properties()))
            back.send(wire.publish(self.name("t"), "x", V5))
            self.assertEqual(b"x", back.message().payload)
        client, _ = self.say(V311, wire.connect(""))
        client.subscribe(self.name("311"), qos=2)
        client.send(wire.publish(self.name("311"), "x", qos=1, packet_id=1))
        self.assertEqual(b"x", wire.as_message(next(each for each in (client.packet(), client.packet()) if each.type == wire.PUBLISH)).payload)

    def test_a_zero_length_id_of_3_1_1_goes_with_a_clean_session_only(self):
        """[3.1.1 MQTT-3.1.3-7] [3.1.1 MQTT-3.1.3-8] [3.1.1 MQTT-3.1.3-9] Without, it is rejected with return code 2, and the connection closed."""
        witness = self.connected()
        client = self.client()
        client.send(wire.connect("", clean=False) + wire.PING)
        client.expect("20 02 00 02")
        client.expect_closed()
        self.connected(V311, "").ping()
        witness.ping()


class fields(conversation):
    @classmethod
    def setUpClass(cls):
        class cleaner:  # what door.files() takes for a test
            addCleanup = cls.addClassCleanup

        users = door.files(cleaner, {"user": "word"})
        cls.server = harness.server(*users.settings(), "listeners.tcp.anonymous=allow")

    def test_the_fields_come_in_their_order(self):
        """[3.1.1 MQTT-3.1.3-1] [5.0 MQTT-3.1.3-1] [3.1.1 MQTT-3.1.3-3] [5.0 MQTT-3.1.3-3] Client id, will topic, will message, user name, password: each is used as what it is."""
        for version in self.versions():
            topic, properties = self.name(f"{version}/topic"), wire.properties((), version)
            watcher = self.connected(version)
            watcher.subscribe(topic)
            one_of_each = {
                "flags": 0xC4, "rest": properties + wire.data(topic) + wire.data("message") + wire.data("user") + wire.data("word"),
            }
            older = self.connected(version, self.name("id"), **one_of_each)
            older.ping()
            self.connected(version, self.name("id")).ping()
            older.expect_disconnect(0x8E)
            self.assertEqual((topic, b"message"), watcher.message()[:2])

    def test_another_order_is_another_meaning(self):
        """[3.1.1 MQTT-3.1.3-1] [5.0 MQTT-3.1.3-1] User name and password before the will, or the other way round: no user has that password."""
        for version in self.versions():
            will, properties = wire.data("topic") + wire.data("message"), wire.properties((), version)
            wrong = 0x86 if version == V5 else 4
            for rest in (properties + wire.data("user") + wire.data("word") + will, properties + will + wire.data("word") + wire.data("user")):
                client = self.client(version)
                client.send(wire.connect(self.name(), version, flags=0xC4, rest=rest))
                self.assertEqual(bytes([0, wrong]), client.packet(wire.CONNACK).body[:2])
                client.expect_closed()

    def test_the_will_topic_is_utf_8(self):
        """[3.1.1 MQTT-3.1.3-10] [5.0 MQTT-3.1.3-11] Another is malformed; and it is a topic, not a filter, and not empty."""
        witness = self.connected()
        for version in self.versions():
            topics = [(bad, 0x81) for bad in (b"\xff", b"a\xed\xbf\xbf", b"a\0b", b"\xc0\x80")]
            for topic, reason in [*topics, (b"a/#", 0x90), (b"+", 0x90), (b"", 0x82)]:
                client = self.client(version)
                client.send(wire.connect(self.name(), version, flags=4, rest=wire.properties((), version) + wire.data(topic) + wire.data("x")))
                if version == V5:
                    self.assertEqual(bytes([0, reason]), client.packet(wire.CONNACK).body[:2])
                client.expect_closed()
        witness.ping()

    def test_the_user_name_is_utf_8(self):
        """[3.1.1 MQTT-3.1.3-11] [5.0 MQTT-3.1.3-12] Another is malformed; a password may be any bytes."""
        witness = self.connected()
        for version in self.versions():
            for bad in (b"\xff", b"a\xed\xbf\xbf", b"a\0b", b"\xc0\x80"):
                client = self.client(version)
                client.send(wire.connect(self.name(), version, flags=0xC0, rest=wire.data(bad) + wire.data("word")))
                if version == V5:
                    self.assertEqual(b"\0\x81", client.packet(wire.CONNACK).body[:2])
                client.expect_closed()
            client = self.client(version)
            client.send(wire.connect(self.name(), version, flags=0xC0, rest=wire.data("user") + wire.data(b"\xff\0")))
            self.assertEqual(0x86 if version == V5 else 4, client.packet(wire.CONNACK).body[1])
            client.expect_closed()
        witness.ping()

    def test_the_user_name_is_the_field_behind_the_will(self):
        """[5.0 MQTT-3.1.3-12] With a will and without, and whatever properties the will has."""
        pairs = [("will_delay_interval", 0), ("user_property", ("user", "word"))]
        for flags, before in ((0xC0, b""), (0xC4, wire.properties(pairs) + wire.data("user") + wire.data("user"))):
            self.connected(V5, flags=flags, rest=before + wire.data("user") + wire.data("word")).ping()


class will_properties(conversation):
    def test_user_properties_of_a_will_keep_their_order(self):
        """[5.0 MQTT-3.1.3-10] As the client gave them, those with the same name as well; the other properties go with the message, too."""
        topic, users = self.name("t"), [("user_property", pair) for pair in (("b", "1"), ("a", "2"), ("b", "0"), ("", ""), ("a", "2"))]
        pairs = [*users[:2], ("content_type", "text"), *users[2:4], ("response_topic", "answers"), ("correlation_data", b"\0\1"), users[4]]
        watcher = self.connected(V5)
        watcher.subscribe(topic)
        rest = wire.properties([*pairs[:1], ("will_delay_interval", 0), *pairs[1:]]) + wire.data(topic) + wire.data("x")
        self.connected(V5, flags=4, rest=rest).socket.close()
        found = watcher.message()
        self.assertEqual(users, [each for each in found.properties if each[0] == "user_property"])
        self.assertEqual(sorted(pairs), sorted(found.properties))

    def test_a_will_delay_or_another_property_that_is_wrong_refuses_the_connect(self):
        """3.1.3.2: each at most once, with values that are allowed."""
        for pairs in ([("will_delay_interval", 1)] * 2, [("payload_format_indicator", 2)], [("response_topic", "a/#")], [("response_topic", "")]):
            client = self.client(V5)
            client.send(wire.connect(self.name(), V5, flags=4, rest=wire.properties(pairs) + wire.data("t") + wire.data("x")))
            self.assertEqual(b"\0\x82", client.packet(wire.CONNACK).body[:2])
            client.expect_closed()


if __name__ == "__main__":
    harness.main()
