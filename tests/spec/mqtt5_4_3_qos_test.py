"""Clause 4.3: the delivery protocols of QoS 0, 1 and 2. What goes with time and expiry is in mqtt5_4_3_expiry_test.cpp."""

from conversation import V5, V311, harness, wire
from messages import DUP, messages, rights


class qos_0(messages):
    def test_is_sent_once_with_qos_0_and_without_dup(self):
        """[3.1.1 MQTT-4.3.1-1] [5.0 MQTT-4.3.1-1] In exact bytes; nothing of it comes again, on this connection or the next."""
        for version in self.versions():
            for sent in (0, 1, 2):
                topic, publisher = self.name(f"{version} {sent}"), self.connected(version)
                client = self.keeping(version, topic)
                self.subscribe(client, (topic, 0))
                self.publish(publisher, topic, "x", sent)
                client.expect(wire.publish(topic, "x", version))
                self.lose(client)
                client = self.keeping(version, topic)
                self.subscribe(client, (topic, 1))
                self.assert_nothing_came(publisher, client, topic)


class qos_1_out(messages):
    def test_packet_ids_in_flight_differ(self):
        """[3.1.1 MQTT-4.3.2-1] [5.0 MQTT-4.3.2-1] [5.0 MQTT-4.3.2-2] Each message has an id of its own while it is not acknowledged, QoS 1, and no DUP."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected()
            client = self.subscriber(version, (topic, 1))
            self.publish_all(publisher, topic, map(str, range(100)))
            found = [self.message(client) for _ in range(100)]
            self.assertEqual([(str(n).encode(), 1, False) for n in range(100)], [(each.payload, each.qos, each.dup) for each in found])
            kept = found[::2]
            for message in found[1::2]:
                client.send(wire.puback(message.packet_id))
            self.publish_all(publisher, topic, map(str, range(50)))
            kept += [self.message(client) for _ in range(50)]
            self.assertEqual(100, len({message.packet_id for message in kept}))
            self.assertNotIn(0, [message.packet_id for message in kept])

    def test_a_message_is_in_flight_until_its_puback(self):
        """[5.0 MQTT-4.3.2-3] A client with room for one gets the next when the right PUBACK came, and not for anything else."""
        topic, publisher = self.name(), self.connected()
        client = self.connected(V5, pairs=[("receive_maximum", 1)])
        self.subscribe(client, (topic, 1))
        self.publish_all(publisher, topic, ("one", "two"))
        first = self.message(client)
        other = first.packet_id % 65_535 + 1
        client.send(wire.puback(other) + wire.pubcomp(first.packet_id) + wire.pubrec(first.packet_id))
        client.expect(b"\x62\3" + first.packet_id.to_bytes(2, "big") + b"\x92")
        client.ping()
        client.send(wire.puback(first.packet_id))
        self.assertEqual(b"two", self.message(client).payload)

    def test_what_has_no_puback_comes_again_and_what_has_does_not(self):
        """[3.1.1 MQTT-4.3.2-1] [5.0 MQTT-4.3.2-3] When its client comes back."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected()
            client = self.keeping(version, topic)
            self.subscribe(client, (topic, 1))
            self.publish_all(publisher, topic, ("one", "two", "three"))
            found = [self.message(client) for _ in range(3)]
            client.send(wire.puback(found[1].packet_id))
            client.ping()
            self.lose(client)
            client = self.keeping(version, topic)
            again = [self.message(client) for _ in range(2)]
            self.assertEqual([(each.payload, each.packet_id, True) for each in (found[0], found[2])], [(each.payload, each.packet_id, each.dup) for each in again])
            for message in again:
                client.send(wire.puback(message.packet_id))
            self.assert_nothing_came(publisher, client, topic)


class qos_1_out_in_a_small_window(messages):
    settings = ("limits.max_inflight=5",)

    def test_what_waited_is_new_when_it_goes_out(self):
        """[3.1.1 MQTT-4.3.2-1] [5.0 MQTT-4.3.2-1] [5.0 MQTT-4.3.2-2] For room, or for its client: it has an unused id, QoS 1, and no DUP."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected()
            client = self.keeping(version, topic)
            self.subscribe(client, (topic, 1))
            self.publish_all(publisher, topic, map(str, range(20)))
            self.assert_come_new(client, range(20))
            self.lose(client)
            self.publish_all(publisher, topic, map(str, range(20, 40)))
            self.assert_come_new(self.keeping(version, topic), range(20, 40))

    def assert_come_new(self, client, numbers):
        """As many at once as there is room for, and the next when all these are acknowledged."""
        for first in numbers[::5]:
            found = [self.message(client) for _ in range(5)]
            self.assertEqual([(str(first + n).encode(), 1, False) for n in range(5)], [(each.payload, each.qos, each.dup) for each in found])
            ids = {each.packet_id for each in found}
            self.assertEqual((5, False), (len(ids), 0 in ids))
            client.ping()
            client.send(b"".join(map(wire.puback, ids)))


class qos_1_in(messages):
    def test_is_answered_with_its_packet_id_and_delivered(self):
        """[3.1.1 MQTT-4.3.2-2] [5.0 MQTT-4.3.2-4] PUBACK comes when the message is the server's: it then reaches who is away, too."""
        for version in self.versions():
            for number in (1, 0x1234, 65_535):
                topic, publisher = self.name(f"{version} {number}"), self.connected(version)
                client = self.keeping(version, topic)
                self.subscribe(client, (topic, 1))
                self.lose(client)
                publisher.send(wire.publish(topic, "x", version, 1, number))
                publisher.expect(wire.puback(number))
                publisher.socket.close()
                self.assert_message(self.keeping(version, topic), topic, "x", 1)

    def test_after_puback_the_id_means_a_new_message(self):
        """[3.1.1 MQTT-4.3.2-2] [5.0 MQTT-4.3.2-5] Whatever its DUP says and whatever is in it."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected(version)
            client = self.subscriber(version, (topic, 1))
            for payload, flags in (("one", 0), ("one", DUP), ("one", 0), ("two", DUP)):
                publisher.send(wire.publish(topic, payload, version, 1, 7, flags=flags))
                publisher.expect(wire.puback(7))
                self.assert_message(client, topic, payload, 1)
            self.assert_nothing_came(publisher, client, topic)


class qos_2_in(messages):
    def test_goes_through_its_exchange(self):
        """[3.1.1 MQTT-4.3.3-2] [5.0 MQTT-4.3.3-8] [5.0 MQTT-4.3.3-11] PUBREC, then for PUBREL PUBCOMP, each with the id of the PUBLISH; delivered once, and to who is away, too."""
        for version in self.versions():
            for number in (1, 0x1234, 65_535):
                topic, publisher = self.name(f"{version} {number}"), self.connected(version)
                client, away = self.subscriber(version, (topic, 2)), self.keeping(version, topic)
                self.subscribe(away, (topic, 2))
                self.lose(away)
                publisher.send(wire.publish(topic, "x", version, 2, number))
                publisher.expect(wire.pubrec(number))
                publisher.send(wire.pubrel(number))
                publisher.expect(wire.pubcomp(number))
                away = self.keeping(version, topic)
                for each in (client, away):
                    self.assert_message(each, topic, "x", 2)
                self.publish(publisher, topic, "last", 2)
                for each in (client, away):
                    self.assert_message(each, topic, "last", 2)

    def test_a_repeated_publish_before_pubrel_gives_one_delivery(self):
        """[3.1.1 MQTT-4.3.3-2] [5.0 MQTT-4.3.3-10] Each is answered with PUBREC, with DUP or without, also on the next connection of the session; nobody gets it twice."""
        for version in self.versions():
            topic, client = self.name(str(version)), self.subscriber(version, (self.name(str(version)), 2))
            publisher = self.keeping(version, topic + "p")
            for flags in (0, DUP, DUP, 0):
                publisher.send(wire.publish(topic, "x", version, 2, 7, flags=flags))
                publisher.expect(wire.pubrec(7))
            self.lose(publisher)
            publisher = self.keeping(version, topic + "p")
            publisher.send(wire.publish(topic, "x", version, 2, 7, flags=DUP))
            publisher.expect(wire.pubrec(7))
            self.assert_message(client, topic, "x", 2)
            self.assert_nothing_came(publisher, client, topic)
            publisher.send(wire.pubrel(7))
            publisher.expect(wire.pubcomp(7))
            self.assert_nothing_came(publisher, client, topic)

    def test_a_repeated_pubrel_gives_pubcomp_and_nothing_else(self):
        """[3.1.1 MQTT-4.3.3-2] [5.0 MQTT-4.3.3-11] Each gets its PUBCOMP, also one on the next connection; in 5.0 the later ones say that the id is not known any more."""
        for version in self.versions():
            topic, client = self.name(str(version)), self.subscriber(version, (self.name(str(version)), 2))
            publisher = self.keeping(version, topic + "p")
            publisher.send(wire.publish(topic, "x", version, 2, 7))
            publisher.expect(wire.pubrec(7))
            publisher.send(wire.pubrel(7))
            publisher.expect(wire.pubcomp(7))
            again = "70 02 0007" if version == V311 else "70 03 0007 92"
            for _ in range(3):
                publisher.send(wire.pubrel(7))
                publisher.expect(again)
                publisher.ping()
            self.lose(publisher)
            publisher = self.keeping(version, topic + "p")
            publisher.send(wire.pubrel(7))
            publisher.expect(again)
            publisher.ping()
            self.assert_message(client, topic, "x", 2)
            self.assert_nothing_came(publisher, client, topic)

    def test_pubrel_on_the_next_connection_ends_the_exchange(self):
        """[5.0 MQTT-4.3.3-11] The server remembers the id with the session."""
        for version in self.versions():
            topic = self.name(str(version))
            publisher = self.keeping(version, topic)
            publisher.send(wire.publish(topic, "x", version, 2, 7))
            publisher.expect(wire.pubrec(7))
            self.lose(publisher)
            publisher = self.keeping(version, topic)
            publisher.send(wire.pubrel(7))
            publisher.expect(wire.pubcomp(7))

    def test_an_id_used_again_after_pubcomp_is_a_new_message_whatever_its_dup_flag(self):
        """[3.1.1 MQTT-4.3.3-2] [5.0 MQTT-4.3.3-12] Also with the same topic and payload."""
        for version in self.versions():
            topic, publisher = self.name(str(version)), self.connected(version)
            client = self.subscriber(version, (topic, 2))
            for payload, flags in (("one", 0), ("one", DUP), ("one", 0), ("two", DUP)):
                publisher.send(wire.publish(topic, payload, version, 2, 7, flags=flags))
                publisher.expect(wire.pubrec(7))
                publisher.send(wire.pubrel(7))
                publisher.expect(wire.pubcomp(7))
                self.assert_message(client, topic, payload, 2)
            self.assert_nothing_came(publisher, client, topic)


class qos_2_refused(rights):
    def test_after_a_pubrec_that_refuses_the_id_means_a_new_message(self):
        """[5.0 MQTT-4.3.3-9] Whatever its DUP flag; PUBREL finds nothing of the one refused."""
        topic, publisher = self.name(), self.connected(V5)
        client = self.subscriber(V5, (topic, 2))
        for number, flags in enumerate((0, DUP)):
            for _ in range(2):
                publisher.send(wire.publish("denied", "x", V5, 2, 7))
                publisher.expect("50 03 0007 87")
            publisher.send(wire.publish(topic, str(number), V5, 2, 7, flags=flags))
            publisher.expect(wire.pubrec(7))
            self.assert_message(client, topic, str(number), 2)
            publisher.send(wire.pubrel(7))
            publisher.expect(wire.pubcomp(7))
            publisher.send(wire.publish("denied", "x", V5, 2, 7) + wire.pubrel(7))
            publisher.expect("50 03 0007 87  70 03 0007 92")


class qos_2_out(messages):
    def in_flight(self, version, count=1):
        """A subscriber whose session stays, with so many messages in flight; publisher and topic."""
        topic, publisher = self.name(f"{version} {self._packet_id}"), self.connected()
        client = self.keeping(version, topic)
        self.subscribe(client, (topic, 2))
        self.publish_all(publisher, topic, map(str, range(count)), 2)
        return client, publisher, topic, [self.message(client) for _ in range(count)]

    def test_packet_ids_in_flight_differ(self):
        """[3.1.1 MQTT-4.3.3-1] [5.0 MQTT-4.3.3-1] [5.0 MQTT-4.3.3-2] Each message has an id of its own, also behind its PUBREC, QoS 2, and no DUP."""
        for version in self.versions():
            client, publisher, topic, found = self.in_flight(version, 50)
            self.assertEqual([(str(n).encode(), 2, False) for n in range(50)], [(each.payload, each.qos, each.dup) for each in found])
            for message in found[:25]:
                client.send(wire.pubrec(message.packet_id))
                client.expect(wire.pubrel(message.packet_id))
            self.publish_all(publisher, topic, map(str, range(50)), 2)
            found += [self.message(client) for _ in range(50)]
            self.assertEqual(100, len({message.packet_id for message in found}))
            self.assertNotIn(0, [message.packet_id for message in found])

    def test_pubrel_answers_pubrec(self):
        """[3.1.1 MQTT-4.3.3-1] [5.0 MQTT-4.3.3-4] With the id of the PUBLISH, and again for a PUBREC that comes again."""
        for version in self.versions():
            client, publisher, topic, found = self.in_flight(version, 3)
            for message in (found[1], found[0], found[2], found[1]):
                client.send(wire.pubrec(message.packet_id))
                client.expect(wire.pubrel(message.packet_id))
            for message in found:
                client.send(wire.pubcomp(message.packet_id))
            self.assert_nothing_came(publisher, client, topic, qos=2)

    def test_publish_comes_again_until_pubrec(self):
        """[3.1.1 MQTT-4.3.3-1] [5.0 MQTT-4.3.3-3] A message without PUBREC comes again under its id when the client comes back; PUBACK and PUBCOMP are none."""
        for version in self.versions():
            client, publisher, topic, (first,) = self.in_flight(version)
            client.send(wire.puback(first.packet_id) + wire.pubcomp(first.packet_id))
            client.ping()
            for _ in range(2):
                self.lose(client)
                client = self.keeping(version, topic)
                again = self.message(client)
                self.assertEqual((first.payload, first.packet_id, 2, True), (again.payload, again.packet_id, again.qos, again.dup))
            self.answer(client, again)
            self.assert_nothing_came(publisher, client, topic, qos=2)

    def test_pubrel_comes_again_until_pubcomp(self):
        """[3.1.1 MQTT-4.3.3-1] [5.0 MQTT-4.3.3-5] [5.0 MQTT-4.3.3-6] After PUBREC the PUBREL comes again, and never the PUBLISH; after PUBCOMP neither."""
        for version in self.versions():
            client, publisher, topic, (first,) = self.in_flight(version)
            client.send(wire.pubrec(first.packet_id))
            client.expect(wire.pubrel(first.packet_id))
            for _ in range(2):
                client.send(wire.puback(first.packet_id))
                client.ping()
                self.lose(client)
                client = self.keeping(version, topic)
                client.expect(wire.pubrel(first.packet_id))
                self.assert_nothing_came(publisher, client, topic, qos=1)
            client.send(wire.pubcomp(first.packet_id))
            client.ping()
            self.lose(client)
            client = self.keeping(version, topic)
            self.assert_nothing_came(publisher, client, topic, qos=2)

    def test_a_message_is_in_flight_until_its_pubcomp(self):
        """[5.0 MQTT-4.3.3-5] A client with room for one gets the next after PUBCOMP, not after PUBREC."""
        topic, publisher = self.name(), self.connected()
        client = self.connected(V5, pairs=[("receive_maximum", 1)])
        self.subscribe(client, (topic, 2))
        self.publish_all(publisher, topic, ("one", "two"), 2)
        first = self.message(client)
        client.send(wire.pubrec(first.packet_id))
        client.expect(wire.pubrel(first.packet_id))
        client.send(wire.puback(first.packet_id))
        client.ping()
        client.send(wire.pubcomp(first.packet_id))
        self.assertEqual(b"two", self.message(client).payload)


if __name__ == "__main__":
    harness.main()
