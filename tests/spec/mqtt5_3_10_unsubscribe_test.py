"""Clause 3.10: UNSUBSCRIBE."""

from conversation import V5, harness, wire
from subscribing import answer_of, subscribing

MALFORMED, PROTOCOL_ERROR = 0x81, 0x82
NOT_UTF8 = (b"\xed\xa0\x80", b"\xc0\xaf", b"\xff", b"\xf4\x90\x80\x80", b"a/\xe2\x82", b"\x80")


class unsubscribe(subscribing):
    def test_the_flags_are_0010(self):
        """[3.1.1 MQTT-3.10.1-1] [5.0 MQTT-3.10.1-1] Any other flags are malformed and end the connection; nobody else's."""
        bystander = self.connected()
        for version in self.versions():
            good = wire.unsubscribe(1, [self.name("t")], version)
            for flags in range(16):
                client = self.connected(version)
                if flags == 2:
                    client.send(good)
                    client.packet(wire.UNSUBACK)
                else:
                    self.assert_refused(client, MALFORMED, bytes([0xA0 | flags]) + good[1:])
            bystander.ping()

    def test_filters_are_utf8_and_stand_one_behind_the_other(self):
        """[3.1.1 MQTT-3.10.3-1] [5.0 MQTT-3.10.3-1] One that is not, or reaches past the end, is malformed; of several each counts."""
        for version in self.versions():
            for text in NOT_UTF8:
                self.assert_refused(self.connected(version), MALFORMED, wire.unsubscribe(1, ["good", text], version))
            whole = wire.unsubscribe(1, ["good", self.name("t")], version)
            self.assert_refused(self.connected(version), MALFORMED, wire.frame(0xA2, whole[2:-1]))
            client = self.connected(version)
            filters = [self.name("é"), self.name("温度/🌡️"), self.name("+/\U0010ffff")]
            self.granted(client, *filters)
            client.send(wire.unsubscribe(1, [*filters, self.name("other")], version))
            self.assertEqual([0, 0, 0, 0x11] if version == V5 else [], answer_of(client.packet(wire.UNSUBACK), version).codes)
            self.assertEqual(0, self.of_client("subscriptions", client))

    def of_client(self, counter, client):
        """How many more there are than when only others were there: the counter falls by that much with the client."""
        before = self.server.stats()[counter]
        client.send(wire.goodbye())
        client.expect_closed()
        return before - self.server.wait_for(lambda stats: stats["clients"] == 0, "the client has gone")[counter]

    def test_there_is_at_least_one_filter(self):
        """[3.1.1 MQTT-3.10.3-2] [5.0 MQTT-3.10.3-2] An UNSUBSCRIBE without one is refused."""
        for version in self.versions():
            self.assert_refused(self.connected(version), PROTOCOL_ERROR, wire.unsubscribe(1, [], version))
            client = self.connected(version)
            self.dropped(client, self.name("t"))

    def test_packet_id_0(self):
        """[3.1.1 MQTT-2.3.1-1] [5.0 MQTT-2.2.1-3] An UNSUBSCRIBE with packet id 0 is refused, and one with 65,535 is not."""
        for version in self.versions():
            self.assert_refused(self.connected(version), PROTOCOL_ERROR, wire.unsubscribe(0, [self.name("t")], version))
            self.dropped(self.connected(version), self.name("t"), packet_id=0xFFFF)

    def test_filters_are_compared_character_by_character(self):
        """[3.1.1 MQTT-3.10.4-1] [5.0 MQTT-3.10.4-1] Neither a filter that matches the one held, nor one that differs a little, ends it."""
        publisher, place = self.connected(), self.name("")
        held = ["a/b", "a/+", "+/b", "x/#", "/l", "t/"]
        others = ["a/B", "a/#", "#", "+/+", "a", "a/b/", "/a/b", "x/+", "x", "l", "t", "//l", "t//", "a /b", "a/b "]
        for version in self.versions():
            client = self.connected(version)
            self.granted(client, *((place + each, 1) for each in held))
            codes = self.dropped(client, *(place + each for each in others))
            self.assertEqual([0x11] * len(others) if version == V5 else [], codes)
            for topic, gone in (("x/y", "x/#"), ("/l", "/l"), ("t/", "t/")):
                self.publish(publisher, place + topic, "held")
                self.assertEqual((place + topic, b"held"), self.next_message(client)[:2])
                self.assertEqual([0] if version == V5 else [], self.dropped(client, place + gone))
                self.publish(publisher, place + topic, "gone")
                self.assert_none_came(client, place + topic, publisher)
            for gone, left in (("a/b", True), ("a/+", True), ("+/b", False)):
                self.assertEqual([0] if version == V5 else [], self.dropped(client, place + gone))
                self.publish(publisher, place + "a/b", "left")
                if left:
                    self.assertEqual(b"left", self.next_message(client).payload)
            self.assert_none_came(client, place + "a/b", publisher)

    def test_no_new_messages_are_added(self):
        """[3.1.1 MQTT-3.10.4-2] [5.0 MQTT-3.10.4-2] What is published after the UNSUBACK does not come: every QoS, every kind of filter."""
        publisher, place = self.connected(), self.name("")
        for version in self.versions():
            for qos in range(3):
                for text in ("t/u", "t/+", "+/u", "t/#"):
                    client = self.connected(version)
                    self.granted(client, (place + text, qos))
                    self.publish(publisher, place + "t/u", "before", qos)
                    self.assertEqual(b"before", self.next_message(client).payload)
                    self.dropped(client, place + text)
                    self.publish(publisher, place + "t/u", "after", qos)
                    self.publish(publisher, place + "t/u", "after it")  # taken over, and so is what came before, whatever its QoS
                    self.assert_none_came(client, place + "t/u", publisher)

    def test_nor_for_when_the_session_comes_back(self):
        """[3.1.1 MQTT-3.10.4-2] [5.0 MQTT-3.10.4-2] A filter given up stays so in a session that is kept."""
        publisher, topic = self.connected(), self.name("t")
        for version in self.versions():
            lasting = {"clean": False, "pairs": [("session_expiry_interval", 600)]}
            client = self.connected(version, self.name(f"back{version}"), **lasting)
            self.granted(client, (topic, 1), (topic + "/other", 1))
            self.dropped(client, topic)
            client.send(wire.goodbye())
            client.expect_closed()
            self.publish(publisher, topic, "gone")
            self.publish(publisher, topic + "/other", "kept")
            client = self.connected(version, self.name(f"back{version}"), **lasting)
            self.assertEqual(b"kept", self.next_message(client).payload)
            self.assert_none_came(client, topic, publisher)

    def test_what_was_begun_is_completed(self):
        """[3.1.1 MQTT-3.10.4-3] [5.0 MQTT-3.10.4-3] An exchange of QoS 1 or 2 goes on after UNSUBACK, and after a new connection, too."""
        publisher, topic = self.connected(), self.name("t")
        for version in self.versions():
            for again in (False, True):
                lasting = {"clean": False, "pairs": [("session_expiry_interval", 600)]}
                client = self.connected(version, self.name(f"{version}{again}"), **lasting)
                self.granted(client, (topic, 2))
                self.publish(publisher, topic, "one", 1)
                self.publish(publisher, topic, "two", 2)
                one, two = client.message(), client.message()
                self.dropped(client, topic)
                if again:
                    client.socket.close()
                    client = self.connected(version, self.name(f"{version}{again}"), **lasting)
                    repeated = [client.message(), client.message()]
                    self.assertEqual([one._replace(dup=True), two._replace(dup=True)], repeated)
                client.send(wire.puback(one.packet_id) + wire.pubrec(two.packet_id))
                self.assertEqual(wire.packet(wire.PUBREL, 2, two.packet_id.to_bytes(2, "big")), client.packet())
                client.send(wire.pubcomp(two.packet_id))
                client.ping()
                self.publish(publisher, topic, "late", 2)
                self.assert_none_came(client, topic, publisher)

    def test_what_waits_for_room_was_not_begun(self):
        """[5.0 MQTT-3.10.4-3] With a Receive Maximum of 1: the one that was sent is completed; then either the others or none of them come."""
        publisher, topic = self.connected(), self.name("t")
        client = self.connected(V5, pairs=[("receive_maximum", 1)])
        self.granted(client, (topic, 2))
        for payload in ("1", "2", "3"):
            self.publish(publisher, topic, payload, 2)
        first = client.message()
        self.dropped(client, topic)
        client.send(wire.pubrec(first.packet_id))
        self.assertEqual(wire.packet(wire.PUBREL, 2, first.packet_id.to_bytes(2, "big")), client.packet())
        client.send(wire.pubcomp(first.packet_id))
        self.publish(publisher, topic, "late", 2)
        self.granted(client, (topic, 2))
        self.publish(publisher, topic, "the end", 2)
        payloads = []
        while b"the end" not in payloads:
            payloads.append(self.next_message(client).payload)
        self.assertIn(payloads, ([b"the end"], [b"2", b"3", b"the end"]))

    def test_an_unsuback_with_the_same_packet_id(self):
        """[3.1.1 MQTT-3.10.4-4] [5.0 MQTT-3.10.4-4] [5.0 MQTT-3.10.4-5] Each UNSUBSCRIBE gets one, also when many come together."""
        for version in self.versions():
            client = self.connected(version)
            ids = [1, 0x0102, 0x7FFF, 0x8000, 0xFFFF, 1]
            self.granted(client, *(self.name(str(each)) for each in ids[1:4]))
            client.send(b"".join(wire.unsubscribe(each, [self.name(str(each))], version) for each in ids))
            answered = [client.packet(wire.UNSUBACK).body[:2] for _ in ids]
            self.assertEqual(sorted(each.to_bytes(2, "big") for each in ids), sorted(answered))
            client.ping()

    def test_also_where_there_is_nothing_to_end(self):
        """[3.1.1 MQTT-3.10.4-5] [5.0 MQTT-3.10.4-5] A filter that was never held, or by another client, or not any more, is answered alike."""
        for version in self.versions():
            client = self.connected(version)
            self.granted(self.connected(version), self.name("of another"))
            for filters in ([self.name("never")], [self.name("of another")], [self.name("t"), self.name("+")], [self.name("t")]):
                client.send(wire.unsubscribe(0x1234, filters, version))
                found = answer_of(client.packet(wire.UNSUBACK), version)
                self.assertEqual((0x1234, [0x11] * len(filters) if version == V5 else []), found[::2])
                self.granted(client, self.name("t"))
                self.dropped(client, self.name("t"))

    def test_many_filters_are_as_many_unsubscribes_with_one_unsuback(self):
        """[3.1.1 MQTT-3.10.4-6] [5.0 MQTT-3.10.4-6] Each of them ends, the same one once, and those not named go on."""
        publisher, place = self.connected(), self.name("")
        for version in self.versions():
            client = self.connected(version)
            self.granted(client, *((place + each, 1) for each in ("a", "b", "c/+", "d")))
            codes = self.dropped(client, *(place + each for each in ("a", "x", "c/+", "a", "d")))
            self.assertEqual([0, 0x11, 0, 0x11, 0] if version == V5 else [], codes)
            client.ping()
            self.publish(publisher, place + "b", "held")
            self.assertEqual(b"held", self.next_message(client).payload)
            for topic in ("a", "c/x", "d"):
                self.publish(publisher, place + topic, "gone")
                self.assert_none_came(client, place + topic, publisher)


if __name__ == "__main__":
    harness.main()
