"""Clauses 3.8.1 to 3.8.3: what a SUBSCRIBE looks like, and what is refused."""

from conversation import V5, V311, harness, wire
from messages import NO_LOCAL
from subscribing import subscribing

MALFORMED, PROTOCOL_ERROR = 0x81, 0x82

# Byte sequences that are no UTF-8: surrogates, an overlong '/', what no character begins with, beyond U+10FFFF, a part of one.
NOT_UTF8 = (b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xc0\xaf", b"\xff", b"\xf4\x90\x80\x80", b"a/\xe2\x82", b"\x80")


class subscribe(subscribing):
    def test_the_flags_are_0010(self):
        """[3.1.1 MQTT-3.8.1-1] [5.0 MQTT-3.8.1-1] Any other flags are malformed and end the connection; nobody else's."""
        bystander = self.connected()
        for version in self.versions():
            good = wire.subscribe(1, self.name("t"), version)
            for flags in range(16):
                client = self.connected(version)
                if flags == 2:
                    client.send(good)
                    client.packet(wire.SUBACK)
                else:
                    self.assert_refused(client, MALFORMED, bytes([0x80 | flags]) + good[1:])
            bystander.ping()

    def test_a_filter_is_utf8(self):
        """[3.1.1 MQTT-3.8.3-1] [5.0 MQTT-3.8.3-1] A filter that is ill-formed UTF-8 is refused; one of many scripts is granted."""
        publisher = self.connected()
        for version in self.versions():
            for text in NOT_UTF8:
                self.assert_refused(self.connected(version), MALFORMED, wire.subscribe(1, [("good", 0), (text, 0)], version))
            topic = self.name("Größe/温度/🌡️/\U0010ffff")
            client = self.connected(version)
            self.assertEqual([1], self.granted(client, (topic, 1)))
            self.publish(publisher, topic, "20")
            self.assertEqual(topic, self.next_message(client).topic)

    def test_there_is_at_least_one_filter(self):
        """[3.1.1 MQTT-3.8.3-3] [5.0 MQTT-3.8.3-2] A SUBSCRIBE without a pair of filter and options is refused, and one with half a pair."""
        for version in self.versions():
            self.assert_refused(self.connected(version), PROTOCOL_ERROR, wire.subscribe(1, [], version))
            whole = wire.subscribe(1, self.name("t"), version)
            half = wire.frame(0x82, whole[2:-1])
            self.assert_refused(self.connected(version), MALFORMED, half)
            client = self.connected(version)
            client.send(whole)
            client.packet(wire.SUBACK)

    def test_reserved_bits_of_the_options(self):
        """[5.0 MQTT-3.8.3-5] The two highest bits are malformed, also in the last of several; all others have a meaning."""
        topic = self.name("t")
        for options in (0x40, 0x80, 0xC0, 0x41):
            self.assert_refused(self.connected(V5), MALFORMED, wire.subscribe(1, [(topic, options)], V5))
            self.assert_refused(self.connected(V5), MALFORMED, wire.subscribe(1, [(topic, 0), (topic, options)], V5))
        self.assertEqual([2], self.granted(self.connected(V5), (topic, 0x2E)))

    def test_values_of_the_options_that_are_none(self):
        """QoS 3 and Retain Handling 3 are protocol errors (3.8.3.1)."""
        for options in (0x03, 0x30, 0x07, 0x33):
            self.assert_refused(self.connected(V5), PROTOCOL_ERROR, wire.subscribe(1, [(self.name("t"), options)], V5))

    def test_the_options_of_3_1_1_are_a_qos(self):
        """[3.1.1 MQTT-3.8.3-4] A reserved bit or QoS 3 closes the connection, whichever of the filters has it."""
        topic = self.name("t")
        for options in (0x03, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x06):
            self.assert_refused(self.connected(V311), None, wire.subscribe(1, [(topic, options)]))
            self.assert_refused(self.connected(V311), None, wire.subscribe(1, [(topic, 1), (topic, options)]))
        self.assertEqual([0, 1, 2], self.granted(self.connected(V311), (topic, 0), (topic, 1), (topic, 2)))

    def test_packet_id_0(self):
        """[3.1.1 MQTT-2.3.1-1] [5.0 MQTT-2.2.1-3] A SUBSCRIBE with packet id 0 is refused, and one with 65,535 is not."""
        for version in self.versions():
            self.assert_refused(self.connected(version), PROTOCOL_ERROR, wire.subscribe(0, self.name("t"), version))
            self.assertEqual([0], self.granted(self.connected(version), self.name("t"), packet_id=0xFFFF))

    def test_subscription_identifier_0(self):
        """An identifier is 1 to 268,435,455, and there is one at most (3.8.2.1.2)."""
        publisher, topic = self.connected(), self.name("t")
        wrong = wire.subscribe(1, topic, V5, [("subscription_identifier", 0)])
        self.assert_refused(self.connected(V5), PROTOCOL_ERROR, wrong)
        twice = wire.subscribe(1, topic, V5, [("subscription_identifier", 1), ("subscription_identifier", 2)])
        self.assert_refused(self.connected(V5), PROTOCOL_ERROR, twice)
        too_long = wire.frame(0x82, bytes.fromhex("0001 06 0b ff ff ff ff 01") + wire.data(topic) + b"\0")
        self.assert_refused(self.connected(V5), MALFORMED, too_long)
        for identifier in (1, 127, 128, 268_435_455):
            client = self.connected(V5)
            self.assertEqual([0], self.granted(client, topic, pairs=[("subscription_identifier", identifier)]))
            self.publish(publisher, topic, "x")
            self.assertEqual([("subscription_identifier", identifier)], client.message().properties)


class no_local(subscribing):
    def test_what_a_client_published_itself_does_not_come_back(self):
        """[5.0 MQTT-3.8.3-3] With No Local it gets what others publish and nothing of its own; without, its own as well."""
        other = self.connected(V5)
        for kind, text in (("literal", ""), ("wildcard", "/+")):
            for qos in range(3):
                client = self.connected(V5)
                topic = self.name(f"{kind}{qos}") + ("/x" if text else "")
                chosen = self.name(f"{kind}{qos}") + text
                self.granted(client, (chosen, qos | NO_LOCAL))
                client.send(wire.publish(topic, "own", V5, min(qos, 1), 9 if qos else 0))
                if qos:
                    client.packet(wire.PUBACK)
                else:
                    client.ping()
                self.publish(other, topic, "other", qos)
                self.assertEqual(b"other", self.next_message(client).payload)
                self.granted(client, (chosen, qos))
                client.send(wire.publish(topic, "own", V5))
                self.assertEqual(b"own", self.next_message(client).payload)

    def test_it_holds_for_the_session_and_not_for_the_connection(self):
        """[5.0 MQTT-3.8.3-3] What a client published is not given to a later connection of its own either, what came meanwhile is."""
        other, topic, name = self.connected(V5), self.name("t"), self.name("back")
        lasting = {"pairs": [("session_expiry_interval", 600)]}
        client = self.connected(V5, name, **lasting)
        self.granted(client, (topic, 1 | NO_LOCAL))
        self.publish(client, topic, "own")
        client.send(wire.publish(topic, "last words", V5, qos=1, packet_id=2))
        client.packet(wire.PUBACK)
        client.send(wire.goodbye())
        client.expect_closed()
        self.publish(other, topic, "meanwhile")
        client = self.connected(V5, name, clean=False, **lasting)
        self.assertEqual(b"meanwhile", self.next_message(client).payload)
        self.publish(client, topic, "own again")
        self.publish(other, topic, "the end")
        self.assertEqual(b"the end", self.next_message(client).payload)

    def test_a_will_is_its_clients_own_message(self):
        """[5.0 MQTT-3.8.3-3] A client with No Local that comes back does not get its own will; others do."""
        other, topic, name = self.connected(V5), self.name("t"), self.name("mortal")
        self.granted(other, topic)
        will = {"flags": 4, "rest": b"\0" + wire.data(topic) + wire.data("will"), "pairs": [("session_expiry_interval", 600)]}
        client = self.connected(V5, name, **will)
        self.granted(client, (topic, 1 | NO_LOCAL))
        client.socket.close()
        self.assertEqual(b"will", other.message().payload)
        client = self.connected(V5, name, clean=False, pairs=[("session_expiry_interval", 600)])
        self.publish(self.connected(), topic, "the end")
        self.assertEqual(b"the end", self.next_message(client).payload)

    def test_a_shared_subscription_may_not_ask_for_it(self):
        """[5.0 MQTT-3.8.3-4] No Local with $share is a protocol error; each alone is granted."""
        shared = f"$share/{self.name('g').replace('/', '-')}/{self.name('t')}"
        for options in (NO_LOCAL, NO_LOCAL | 1, NO_LOCAL | 0x2A):
            self.assert_refused(self.connected(V5), PROTOCOL_ERROR, wire.subscribe(1, [(self.name("t"), 0), (shared, options)], V5))
        self.assertEqual([1, 1], self.granted(self.connected(V5), (shared, 1), (self.name("t"), 1 | NO_LOCAL)))


if __name__ == "__main__":
    harness.main()
