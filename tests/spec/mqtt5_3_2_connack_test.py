"""Clause 3.2: CONNACK."""

from conversation import V5, V311, conversation, harness, wire

LASTING = [("session_expiry_interval", 60)]
# Table 3-1 of 5.0 and of 3.1.1.
REASONS = {
    0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
}
RETURN_CODES = {0, 1, 2, 3, 4, 5}


def will(topic, pairs=(), version=V5):
    return {"flags": 4, "rest": wire.properties(pairs, version) + wire.data(topic) + wire.data("x")}


def wrong_connects(name):
    """CONNECTs of MQTT 5 that are refused, by what is wrong in them."""
    found = {
        "reserved flag": wire.connect(name, V5, flags=1), "Will QoS 3": wire.connect(name, V5, flags=0x1C, rest=b"\0\0\1t\0\0"),
        "Will QoS and no will": wire.connect(name, V5, flags=8), "version 6": wire.connect(name, V5, level=6),
        "no UTF-8": wire.connect(b"\xff", V5), "bytes behind": wire.connect(name, V5, rest=b"x"), "cut short": wire.connect(name, V5, flags=0x80),
        "method": wire.connect(name, V5, pairs=[("authentication_method", "x")]),
        "will below $SYS": wire.connect(name, V5, **will("$SYS/t")), "will for a filter": wire.connect(name, V5, **will("t/#")),
        "will without a topic": wire.connect(name, V5, **will("")), "will of many levels": wire.connect(name, V5, **will("/" * 5000)),
        "alias": wire.connect(name, V5, pairs=[("topic_alias", 0)]), "identifier": wire.connect(name, V5, pairs=[("subscription_identifier", 0)]),
        "alias in a will": wire.connect(name, V5, **will("t", [("topic_alias", 0)])),
    }
    for pair in (("receive_maximum", 0), ("maximum_packet_size", 0), ("request_problem_information", 2), ("authentication_data", b"")):
        found[pair[0]] = wire.connect(name, V5, pairs=[pair])
    return found


class connack(conversation):
    def answer(self, version, content):
        client = self.client(version)
        client.send(content)
        return client, client.packet(wire.CONNACK)

    def pairs_of(self, found):
        return dict(wire.cursor(found.body[2:]).properties())

    def test_it_is_the_first_packet(self):
        """[3.1.1 MQTT-3.2.0-1] [5.0 MQTT-3.2.0-1] What is answered to packets sent with CONNECT, and what the session has waiting, comes behind it."""
        for version in self.versions():
            name, topic = self.name(f"{version}"), self.name(f"{version}/t")
            behind = wire.subscribe(1, topic, version) + wire.publish(self.name("other"), "x", version, qos=1, packet_id=1) + wire.PING
            client, found = self.answer(version, wire.connect(name, version, False, pairs=LASTING) + behind)
            self.assertEqual(b"\0\0", found.body[:2])
            self.assertEqual([wire.PUBACK, wire.SUBACK, wire.PINGRESP], sorted(client.packet().type for _ in range(3)))
            client.subscribe(topic, qos=1)
            publisher = self.connected(version)
            publisher.send(wire.publish(topic, "x", version, qos=1, packet_id=1))
            publisher.packet(wire.PUBACK)
            client.message()
            client, found = self.answer(version, wire.connect(name, version, False, pairs=LASTING) + wire.PING)
            self.assertEqual(b"\1\0", found.body[:2])
            self.assertEqual([wire.PUBLISH, wire.PINGRESP], sorted(client.packet().type for _ in range(2)))

    def test_there_is_one(self):
        """[5.0 MQTT-3.2.0-2] None comes to a second CONNECT, nor to one after a refusal, nor later."""
        for first in (wire.connect(self.name(), V5), wire.connect(self.name(), V5, flags=1)):
            client, _ = self.answer(V5, first + wire.connect(self.name(), V5) * 2)
            rest = []
            while (found := client.packet()) is not None:
                rest.append(found.type)
            self.assertNotIn(wire.CONNACK, rest)

    def test_its_flags_are_session_present_alone(self):
        """[5.0 MQTT-3.2.2-1] The first byte is 0 or 1, whatever the flags of CONNECT were; in 3.1.1 the packet is four bytes long."""
        for version in self.versions():
            for flags, rest in ((0, b""), (0x80, wire.data("user")), (0x34, wire.properties((), version) + wire.data(self.name("t")) + wire.data("x"))):
                for clean in (True, False):
                    client, found = self.answer(version, wire.connect(self.name(f"{version}"), version, clean, pairs=LASTING, flags=flags, rest=rest))
                    self.assertIn(found.body[0], (0, 1))
                    self.assertEqual(0, found.flags)
                    if version == V311:
                        self.assertEqual(2, len(found.body))

    def test_session_present_is_0_after_a_clean_start(self):
        """[3.1.1 MQTT-3.2.2-1] [5.0 MQTT-3.2.2-2] Whether there was a session or not, stored or held by a connection."""
        for version in self.versions():
            name = self.name(f"{version}")
            for leave in (None, True, False):
                self.assertEqual(b"\0\0", self.answer(version, wire.connect(name, version, True, pairs=LASTING))[1].body[:2])
                client = self.connected(version, name, clean=False, pairs=LASTING)
                client.subscribe(self.name("t"))
                if leave:
                    client.send(wire.goodbye())
                    client.expect_closed()
                self.assertEqual(b"\0\0", self.answer(version, wire.connect(name, version, True, pairs=LASTING))[1].body[:2])

    def test_session_present_says_whether_there_is_a_session(self):
        """[3.1.1 MQTT-3.2.2-2] [3.1.1 MQTT-3.2.2-3] [5.0 MQTT-3.2.2-3] Without a Clean Start, and always with code 0; also if it has no subscription."""
        for version in self.versions():
            name, again = self.name(f"{version}"), wire.connect(self.name(f"{version}"), version, False, pairs=LASTING)
            client, found = self.answer(version, again)
            self.assertEqual(b"\0\0", found.body[:2])
            for way in ("held", "left", "lost", "held"):
                if way == "left":
                    client.send(wire.goodbye())
                    client.expect_closed()
                if way == "lost":
                    client.socket.close()
                client, found = self.answer(version, again)
                self.assertEqual(b"\1\0", found.body[:2], way)
            self.assertEqual(b"\0\0", self.answer(version, wire.connect(name + "x", version, False))[1].body[:2])

    def test_a_refusal_has_no_session_present_and_closes(self):
        """[3.1.1 MQTT-3.2.2-4] [3.1.1 MQTT-3.2.2-5] [5.0 MQTT-3.2.2-6] [5.0 MQTT-3.2.2-7] Though there is a session of that client id, which goes on."""
        for version in self.versions():
            name = self.name(f"{version}")
            self.connected(version, name, clean=False, pairs=LASTING).ping()
            options = will("$SYS/t", version=version)
            refused = [wire.connect(name, version, False, **options)]
            refused += wrong_connects(name).values() if version == V5 else [wire.connect(name, clean=False, level=3), wire.connect("", clean=False)]
            for content in refused:
                client, found = self.answer(version, content)
                self.assertEqual(0, found.body[0])
                self.assertNotEqual(0, found.body[1])
                client.expect_closed()
            self.assertEqual(b"\1\0", self.answer(version, wire.connect(name, version, False, pairs=LASTING))[1].body[:2])

    def test_its_code_is_one_of_the_table(self):
        """[5.0 MQTT-3.2.2-8] For everything that can be wrong in a CONNECT; the reasons of other packets are none of CONNACK."""
        for what, content in wrong_connects(self.name()).items():
            with self.subTest(what):
                client, found = self.answer(V5, content)
                self.assertIn(found.body[1], REASONS - {0})
                client.expect_closed()
        for content in (wire.connect("", clean=False), wire.connect(self.name(), level=3), wire.connect(self.name(), **will("$SYS/t", version=V311))):
            self.assertIn(self.answer(V311, content)[1].body[1], RETURN_CODES - {0})

    def test_where_no_return_code_of_3_1_1_fits_there_is_no_connack(self):
        """[3.1.1 MQTT-3.2.2-6] The connection is closed without a word."""
        witness = self.connected()
        for content in (
            wire.connect(self.name(), flags=1), wire.connect(self.name(), flags=8), wire.connect(b"\xff"), wire.connect(self.name(), rest=b"x"),
            wire.connect(self.name(), flags=0x40, rest=wire.data("x")), wire.connect(self.name(), **will("t/#", version=V311)),
            wire.connect(self.name(), flags=0x80), wire.connect(self.name(), name="MQTX"), wire.connect("nul\0"),
            wire.connect(self.name(), flags=0x1C, rest=wire.data("t") + wire.data("x")), wire.connect(self.name(), **will("", version=V311)), wire.PING,
        ):
            client = self.client()
            client.send(content)
            client.expect_closed()
        witness.ping()

    def test_it_says_what_holds_and_a_larger_packet_is_refused(self):
        """[5.0 MQTT-3.2.2-15] A packet above the Maximum Packet Size that it names is 0x95; one of that size is taken."""
        client, found = self.answer(V5, wire.connect(self.name(), V5))
        said = self.pairs_of(found)
        self.assertEqual({"receive_maximum": 1024, "maximum_packet_size": 1024 * 1024, "topic_alias_maximum": 64}, said)
        maximum = said["maximum_packet_size"]
        overhead = len(wire.publish(self.name("t"), bytes(maximum), V5)) - maximum
        client.send(wire.publish(self.name("t"), bytes(maximum - overhead), V5))
        client.ping()
        content = wire.publish(self.name("t"), bytes(maximum - overhead + 1), V5)
        self.assertEqual(maximum + 1, len(content))
        client.send(content[:100])  # it is refused by its length alone
        client.expect_disconnect(0x95)

    def test_the_assigned_client_identifier_is_new(self):
        """[5.0 MQTT-3.2.2-16] Not that of a session that is stored, nor of one that is connected; and only who brought none gets one."""
        seen = set()
        for n in range(30):
            client, found = self.answer(V5, wire.connect("", V5, clean=n % 2 == 0, pairs=LASTING))
            self.assertEqual(b"\0\0", found.body[:2])
            assigned = self.pairs_of(found)["assigned_client_identifier"]
            self.assertNotIn(assigned, seen)
            seen.add(assigned)
            if n % 3 == 0:
                client.send(wire.goodbye())
                client.expect_closed()
        self.assertNotIn("assigned_client_identifier", self.pairs_of(self.answer(V5, wire.connect(self.name(), V5))[1]))

    def test_a_topic_alias_above_the_maximum_that_it_says_is_refused(self):
        """[5.0 MQTT-3.2.2-17] With 0x94; the maximum itself is taken."""
        client, found = self.answer(V5, wire.connect(self.name(), V5))
        maximum = self.pairs_of(found)["topic_alias_maximum"]
        client.subscribe(self.name("t"))
        client.send(wire.publish(self.name("t"), "x", V5, pairs=[("topic_alias", maximum)]) + wire.publish("", "y", V5, pairs=[("topic_alias", maximum)]))
        self.assertEqual([b"x", b"y"], [client.message().payload for _ in range(2)])
        self.assert_refused(client, 0x94, wire.publish(self.name("t"), "x", V5, pairs=[("topic_alias", maximum + 1)]))

    def test_words_are_left_out_where_they_are_too_many(self):
        """[5.0 MQTT-3.2.2-19] A Reason String comes if the whole CONNACK is no larger than the Maximum Packet Size of the client, not if it is a byte more."""
        for pairs, options, smallest in (([("authentication_method", "x")], {}, 5), ([], will("$SYS/t"), 16)):
            _, found = self.answer(V5, wire.connect(self.name(), V5, pairs=pairs, **options))
            size = len(found.body) + 2
            self.assertTrue(self.pairs_of(found)["reason_string"])
            for maximum, words in ((size, True), (size - 1, False), (smallest, False)):
                client, again = self.answer(V5, wire.connect(self.name(), V5, pairs=[*pairs, ("maximum_packet_size", maximum)], **options))
                self.assertEqual(found.body[1], again.body[1])
                self.assertEqual(words, "reason_string" in self.pairs_of(again))
                client.expect_closed()

    def test_nothing_is_added_that_makes_it_too_large(self):
        """[5.0 MQTT-3.2.2-20] It has no User Property, byte for byte; and what a client asked for is left out where it does not fit."""
        client = self.client(V5)
        client.send(wire.connect(self.name(), V5, pairs=[("maximum_packet_size", 16), ("request_response_information", 1)]))
        client.expect("20 0e  00 00  0b  21 0400  27 00100000  22 0040")
        client.ping()
        size = 16 + 3 + len("response/" + self.name())
        for maximum, there in ((size, True), (size - 1, False)):
            _, found = self.answer(V5, wire.connect(self.name(), V5, pairs=[("maximum_packet_size", maximum), ("request_response_information", 1)]))
            self.assertLessEqual(len(found.body) + 2, maximum)
            self.assertEqual(there, "response_information" in self.pairs_of(found))


class without_aliases(conversation):
    settings = ("limits.topic_aliases=0",)

    def test_without_a_topic_alias_maximum_no_alias_is_taken(self):
        """[5.0 MQTT-3.2.2-18] CONNACK has none, and PUBLISH with one is refused with 0x94."""
        client = self.client(V5)
        client.send(wire.connect(self.name(), V5))
        self.assertNotIn("topic_alias_maximum", dict(wire.cursor(client.packet(wire.CONNACK).body[2:]).properties()))
        client.send(wire.publish("t", "x", V5))
        client.ping()
        self.assert_refused(client, 0x94, wire.publish("t", "x", V5, pairs=[("topic_alias", 1)]))


if __name__ == "__main__":
    harness.main()
